import { type Stream, stream } from "../../bindings/random.js";
import type { Dataset } from "../config/records.js";
import { dirichlet } from "./dirichlet.js";
import { cutSequences, type OwnedSequences } from "./sequences.js";
import { type Allocate, plain } from "./storage.js";
import { evenlySpaced } from "./subset.js";

/** Sequences when the configuration asks for all. */
export const corpusCounts = { train: 6000, test: 1000 };

/** The vocabulary, whatever the seed. */
const alphabet = " ,.?abdefgiklmnoprstuvz";
const vowels = "aeiou";
const consonants = "bdfgklmnprstvz";

/**
 * The embedded text: sentences of an invented language, by speakers who differ in what they talk about and how.
 *
 * The language comes from the seed: nouns of two genders, adjectives, verbs, all of syllables. A sentence is
 * subject, verb, object, and its endings agree over a distance: article, adjective and noun show the same
 * gender, the verb ends as its subject's number asks. So characters follow from the last two or three (syllables), from the
 * word so far (the lexicon), and from words before (agreement), in rising difficulty. Each speaker draws
 * its own favorite words (Dirichlet weights over the lexicon, mixed with common ones that fall off as 1/rank), its
 * rates of adjectives, plurals and questions, and the length of its sentences.
 *
 * Training and test part are different texts by the same speakers. Speakers get equally many sequences, one
 * more for the first where it does not go up; `groups` numbers them.
 *
 * @param speakers 1 or more
 * @param length L, characters an example
 * @returns inputs and targets [count · L] in 0 … 22
 */
export function createCorpus(
  train: number,
  test: number,
  speakers: number,
  length: number,
  seed: number,
  allocate: Allocate = plain,
): Dataset {
  const language = createLanguage(stream(seed, "corpus"));
  const habits = Array.from({ length: speakers }, (_, speaker) =>
    createHabits(language, stream(seed, "corpus", 1, speaker)),
  );
  const part = (count: number, number: number, path: string) => {
    const owners: OwnedSequences[] = habits.map((habit, speaker) => {
      const own = Math.floor(count / speakers) + (speaker < count % speakers ? 1 : 0);
      const random = stream(seed, "corpus", 2 + number, speaker);
      return { tokens: speak(language, habit, random, own === 0 ? 0 : own * length + 1), start: 0, count: own };
    });
    return cutSequences(owners, length, (available) => evenlySpaced(available, count, path), allocate);
  };
  const trained = part(train, 0, "data.trainExamples");
  return {
    name: "corpus",
    task: "next-token",
    inputShape: [length],
    outputs: alphabet.length,
    targetSize: length,
    classNames: [...alphabet],
    train: trained.examples,
    test: part(test, 1, "data.testExamples").examples,
    groups: trained.owners,
  };
}

interface Language {
  /** Stems; the gender of a noun is its number's parity */
  nouns: string[];
  adjectives: string[];
  verbs: string[];
  /** By gender, then by number */
  articles: readonly (readonly [string, string])[];
  joints: readonly string[];
}

/** A speaker's cumulative weights over the lexicon, and its rates. */
interface Habits {
  nouns: Float64Array;
  adjectives: Float64Array;
  verbs: Float64Array;
  adjectiveRate: number;
  pluralRate: number;
  questionRate: number;
  clauseRate: number;
}

function createLanguage(random: Stream): Language {
  const taken = new Set<string>();
  const word = (syllables: number): string => {
    for (;;) {
      let letters = "";
      for (let i = 0; i < syllables; i++) letters += letter(random, consonants) + letter(random, vowels);
      letters += letter(random, consonants);
      if (taken.has(letters)) continue;
      taken.add(letters);
      return letters;
    }
  };
  const words = (count: number) => Array.from({ length: count }, (_, i) => word(i % 3 === 2 ? 2 : 1));
  return {
    nouns: words(40),
    adjectives: words(20),
    verbs: words(24),
    articles: [
      ["ka", "kan"],
      ["lo", "lon"],
    ],
    joints: ["e", "ur", "po"],
  };
}

function createHabits(language: Language, random: Stream): Habits {
  const favorites = (count: number): Float64Array => {
    const own = dirichlet(random, count, 0.3);
    let harmonic = 0;
    for (let rank = 1; rank <= count; rank++) harmonic += 1 / rank;
    let sum = 0;
    return own.map((weight, i) => {
      sum += 0.5 * weight + 0.5 / ((i + 1) * harmonic);
      return sum;
    });
  };
  return {
    nouns: favorites(language.nouns.length),
    adjectives: favorites(language.adjectives.length),
    verbs: favorites(language.verbs.length),
    adjectiveRate: 0.1 + 0.7 * random.uniform(),
    pluralRate: 0.1 + 0.8 * random.uniform(),
    questionRate: 0.5 * random.uniform(),
    clauseRate: 0.5 * random.uniform(),
  };
}

/** @returns the first `length` characters that a speaker says, as numbers of the alphabet */
function speak(language: Language, habits: Habits, random: Stream, length: number): Int32Array {
  const tokens = new Int32Array(length);
  let said = 0;
  while (said < length) {
    for (const character of `${sentence(language, habits, random)} `) {
      if (said < length) tokens[said++] = alphabet.indexOf(character);
    }
  }
  return tokens;
}

function sentence(language: Language, habits: Habits, random: Stream): string {
  const question = random.uniform() < habits.questionRate;
  let words = question ? "vi " : "";
  for (;;) {
    const plural = random.uniform() < habits.pluralRate;
    const verb = language.verbs[choose(random, habits.verbs)]!;
    const ending = plural ? "emu" : "it";
    const subject = nounPhrase(language, habits, random, plural);
    words += `${subject} ${verb}${ending} ${nounPhrase(language, habits, random, random.uniform() < habits.pluralRate)}`;
    if (random.uniform() >= habits.clauseRate) return words + (question ? "?" : ".");
    words += `, ${language.joints[random.integer(language.joints.length)]!} `;
  }
}

/** Article, sometimes an adjective, noun: all with the noun's gender and number. */
function nounPhrase(language: Language, habits: Habits, random: Stream, plural: boolean): string {
  const noun = choose(random, habits.nouns);
  const gender = noun % 2;
  const ending = (gender === 0 ? "a" : "o") + (plural ? "n" : "");
  const article = language.articles[gender]![plural ? 1 : 0];
  const adjective =
    random.uniform() < habits.adjectiveRate
      ? `${language.adjectives[choose(random, habits.adjectives)]!}${ending} `
      : "";
  return `${article} ${adjective}${language.nouns[noun]!}${ending}`;
}

/** A number with these cumulative weights; the last one also takes what rounding leaves over. */
function choose(random: Stream, cumulative: Float64Array): number {
  const place = random.uniform();
  let i = 0;
  while (i < cumulative.length - 1 && place >= cumulative[i]!) i++;
  return i;
}

function letter(random: Stream, letters: string): string {
  return letters[random.integer(letters.length)]!;
}
