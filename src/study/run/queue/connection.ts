import { isIP } from "node:net";
import type { Redis, RedisOptions } from "ioredis";
import { InputError, reasonOf, show } from "../../../config/errors.js";

/** The packages that a queue is made with: installed by who wants one, and loaded only here. */
export interface QueuePackages {
  bullmq: typeof import("bullmq");
  ioredis: typeof import("ioredis");
}

/** Where a queue is. */
export interface QueueAddress {
  /** As it may be printed: without a user's name and password */
  shown: string;
  options: RedisOptions;
}

/** An open way to a queue's server. */
export interface QueueConnection {
  address: QueueAddress;
  packages: QueuePackages;
  redis: Redis;
  /** Another connection, to the same place */
  another(): Redis;
  close(): Promise<void>;
}

/** All keys of cellfed in a server's database begin with it. */
export const prefix = "cellfed";
/** The one queue of a database: several studies may share it. */
export const queueName = "jobs";

const attempts = 3;
/** ms */
const connectTimeout = 4000;

/**
 * redis://[user[:password]@]host[:port][/database]; rediss:// with TLS.
 * @throws InputError, which does not repeat a password
 */
export function parseQueue(text: string, flag = "--queue"): QueueAddress {
  const form = "allowed: redis://[user:password@]host[:port][/database], rediss:// with TLS";
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    const shown = text.includes("@") ? "the address" : show(text);
    throw new InputError(flag, `${shown} is no address of a queue (${form})`);
  }
  const secure = url.protocol === "rediss:";
  if (!secure && url.protocol !== "redis:")
    throw new InputError(flag, `"${url.protocol}//…" is no address of a queue (${form})`);
  const database = url.pathname.replace(/^\//, "");
  if (!/^\d{0,4}$/.test(database)) throw new InputError(flag, `"${database}" is no number of a database (${form})`);
  const host = url.hostname.replace(/^\[|\]$/g, "") || "localhost";
  const port = url.port === "" ? 6379 : Number(url.port);
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  return {
    shown: `${url.protocol}//${host}:${port}${database === "" ? "" : `/${database}`}`,
    options: {
      ...{ host, port, db: Number(database) },
      ...(username !== "" && { username }),
      ...(password !== "" && { password }),
      // A certificate is asked for by a name; one for a number is looked at all the same.
      ...(secure && { tls: isIP(host) === 0 ? { servername: host } : {} }),
    },
  };
}

/**
 * Connects, and sees that somebody answers.
 * @throws InputError where the packages are not installed, and where nobody answers or refuses the password: what was
 *   tried, and how a server is started
 */
export async function openQueue(text: string, flag = "--queue"): Promise<QueueConnection> {
  const address = parseQueue(text, flag);
  const packages = await loadPackages(flag);
  const { Redis } = packages.ioredis;
  await answered(() => new Redis({ ...address.options, ...once }), address, flag);
  const opened = new Set<Redis>();
  const another = (): Redis => {
    // Once there was an answer, a server that is away for a while is waited for
    const redis = new Redis({
      ...address.options,
      ...{ maxRetriesPerRequest: null, retryStrategy: (times: number) => Math.min(100 * times, 3000) },
    });
    redis.on("error", () => {}); // it tries again by itself
    opened.add(redis);
    return redis;
  };
  return {
    ...{ address, packages, redis: another(), another },
    async close() {
      for (const redis of opened) redis.disconnect();
    },
  };
}

const once: RedisOptions = { lazyConnect: true, connectTimeout, maxRetriesPerRequest: 0, retryStrategy: () => null };

async function answered(make: () => Redis, { shown }: QueueAddress, flag: string): Promise<void> {
  let reason = "";
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
    const redis = make();
    // The error of the connection says more than that of what waited for it.
    const said: unknown[] = [];
    redis.on("error", (error) => said.push(error));
    try {
      await redis.connect();
      await redis.ping();
      return;
    } catch (error) {
      said.push(error);
      reason = wordsOf(said[0]);
      const refusal = said.map(refusalOf).find((one) => one !== undefined);
      if (refusal !== undefined) throw new InputError(flag, `${shown} ${refusal}`, { cause: error });
    } finally {
      redis.disconnect();
    }
  }
  throw new InputError(
    flag,
    `nobody answers at ${shown} (${reason}; tried ${attempts} times): start a server there, such as ` +
      "`redis-server` or `docker run -p 6379:6379 redis`, or give the address of one",
  );
}

/** Somebody is there, and no other attempt would change that he does not want us, or is not who he should be. */
function refusalOf(error: unknown): string | undefined {
  const reason = reasonOf(error);
  const { code = "" } = error as NodeJS.ErrnoException;
  if (/^NOAUTH\b/.test(reason)) return "wants a password (allowed: redis://user:password@host)";
  if (/^(WRONGPASS|NOPERM|ERR)\b/.test(reason)) return `refuses: ${reason}`;
  if (/SIGNED_CERT|UNABLE_TO_(VERIFY|GET)/.test(code))
    return `has a certificate that nobody vouches for here (${reason}): start cellfed with NODE_EXTRA_CA_CERTS=FILE, the authority's own`;
  if (/^CERT_|CERT_ALTNAME/.test(code)) return `has a certificate that is not good: ${reason}`;
  if (code === "EPROTO" || code === "ERR_SSL_WRONG_VERSION_NUMBER")
    return "speaks no TLS: its address begins with redis://";
  return undefined;
}

function wordsOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    ECONNREFUSED: "connection refused",
    ENOTFOUND: "no such host",
    EAI_AGAIN: "no such host",
    ECONNRESET: "the connection is cut off: a server with TLS has an address that begins with rediss://",
    ETIMEDOUT: "no answer",
    EHOSTUNREACH: "no way to the host",
    ENETUNREACH: "no way to the host",
  };
  return words[code ?? ""] ?? reasonOf(error);
}

async function loadPackages(flag: string): Promise<QueuePackages> {
  try {
    const [bullmq, ioredis] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { bullmq, ioredis };
  } catch (error) {
    throw new InputError(flag, "needs two packages that are not installed: npm install bullmq ioredis", {
      cause: error,
    });
  }
}
