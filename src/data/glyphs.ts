import { cos, sin } from "../../bindings/math.js";
import { type Stream, stream } from "../../bindings/random.js";
import type { Dataset, Examples } from "../config/records.js";
import { type Allocate, plain } from "./storage.js";

/** Side of an image in pixels: small enough that a network trains on it in seconds. */
export const glyphSize = 16;

/** How many there are when the configuration asks for all. */
export const glyphCounts = { train: 6000, test: 1000 };

/**
 * The embedded image set: ten line drawings under random affine distortion, stroke width, contrast,
 * clutter and noise.
 *
 * The ten drawings are fixed and everything else comes from the seed. Example i depends on the seed, its part
 * and i alone, so a smaller set is a prefix of a larger one; every block of ten consecutive examples
 * holds each class once, in random order.
 *
 * @param train number of training examples
 * @param test number of test examples
 * @returns inputs [count · 16 · 16 · 1] in 0 … 255, targets 0 … 9
 */
export function createGlyphs(train: number, test: number, seed: number, allocate: Allocate = plain): Dataset {
  const drawings = shapes();
  return {
    name: "glyphs",
    task: "classification",
    inputShape: [glyphSize, glyphSize, 1],
    outputs: drawings.length,
    targetSize: 1,
    classNames: drawings.map((drawing) => drawing.name),
    train: draw(drawings, train, seed, 0, allocate),
    test: draw(drawings, test, seed, 1, allocate),
  };
}

/** How far the images vary: pixels where not said otherwise. Chosen so that shape, not position, tells the classes apart. */
const variation = {
  shift: 2.5,
  /** rad */
  rotation: 0.2,
  shear: 0.18,
  /** Half the side of a drawing along each axis */
  scale: [4.6, 6],
  /** Of each corner, in units of half a side */
  jitter: 0.07,
  halfWidth: [0.35, 1.0],
  /** Brightness of stroke and background, share of full scale */
  ink: [0.5, 1],
  paper: [0, 0.2],
  /** Standard deviation of a pixel's noise, share of full scale */
  noise: [0.03, 0.1],
  /** Chance of one stray stroke, and its length */
  clutter: 0.3,
  clutterLength: [2, 5],
} as const;

interface Drawing {
  name: string;
  /** Polylines x0, y0, x1, y1, … in the square [−1, 1]², y downwards */
  strokes: number[][];
}

function shapes(): Drawing[] {
  return [
    { name: "ring", strokes: [arc(0, 0, 0.9, 0, 360, 12)] },
    { name: "triangle", strokes: [[0, -0.95, 0.95, 0.8, -0.95, 0.8, 0, -0.95]] },
    { name: "square", strokes: [[-0.8, -0.8, 0.8, -0.8, 0.8, 0.8, -0.8, 0.8, -0.8, -0.8]] },
    {
      name: "plus",
      strokes: [
        [-0.9, 0, 0.9, 0],
        [0, -0.9, 0, 0.9],
      ],
    },
    { name: "zed", strokes: [[-0.75, -0.85, 0.75, -0.85, -0.75, 0.85, 0.75, 0.85]] },
    { name: "ess", strokes: [[...arc(0, -0.45, 0.5, -20, -270, 6), ...arc(0, 0.45, 0.5, -90, 160, 6)]] },
    {
      name: "aitch",
      strokes: [
        [-0.7, -0.9, -0.7, 0.9],
        [0.7, -0.9, 0.7, 0.9],
        [-0.7, 0, 0.7, 0],
      ],
    },
    {
      name: "wye",
      strokes: [
        [-0.8, -0.9, 0, 0],
        [0.8, -0.9, 0, 0],
        [0, 0, 0, 0.9],
      ],
    },
    {
      name: "ee",
      strokes: [
        [0.7, -0.85, -0.7, -0.85, -0.7, 0.85, 0.7, 0.85],
        [-0.7, 0, 0.5, 0],
      ],
    },
    { name: "cup", strokes: [[-0.75, -0.9, ...arc(0, 0.1, 0.75, 180, 0, 6), 0.75, -0.9]] },
  ];
}

/** A polyline of `pieces` chords on a circle, from one angle to the other, degrees clockwise from the right. */
function arc(x: number, y: number, radius: number, from: number, to: number, pieces: number): number[] {
  const points: number[] = [];
  for (let i = 0; i <= pieces; i++) {
    const angle = ((from + ((to - from) * i) / pieces) * Math.PI) / 180;
    points.push(x + radius * cos(angle), y + radius * sin(angle));
  }
  return points;
}

function draw(drawings: readonly Drawing[], count: number, seed: number, part: number, allocate: Allocate): Examples {
  const pixels = glyphSize * glyphSize;
  const inputs = allocate.u8(count * pixels);
  const targets = allocate.i32(count);
  const noise = new Float32Array(pixels);
  const order = new Int32Array(drawings.length);
  for (let i = 0; i < count; i++) {
    const place = i % drawings.length;
    if (place === 0) {
      for (let j = 0; j < order.length; j++) order[j] = j;
      // A third index of its own: the order of a block must not disturb the drawing of its images.
      stream(seed, "glyphs", part, i / drawings.length, 1).shuffle(order);
    }
    const label = order[place]!;
    targets[i] = label;
    const random = stream(seed, "glyphs", part, i);
    const segments = distort(drawings[label]!, random);
    const halfWidth = between(random, variation.halfWidth);
    const paper = between(random, variation.paper);
    const ink = Math.max(paper + 0.35, between(random, variation.ink));
    random.fillNormal(noise, between(random, variation.noise));
    rasterize(segments, halfWidth, paper, ink, noise, inputs.subarray(i * pixels, (i + 1) * pixels));
  }
  return { count, inputs, targets };
}

/** @returns x0, y0, x1, y1 of every segment, in pixels */
function distort(drawing: Drawing, random: Stream): number[] {
  const angle = variation.rotation * (2 * random.uniform() - 1);
  const shear = variation.shear * (2 * random.uniform() - 1);
  const width = between(random, variation.scale);
  const height = between(random, variation.scale);
  const c = cos(angle);
  const s = sin(angle);
  const centerX = glyphSize / 2 + variation.shift * (2 * random.uniform() - 1);
  const centerY = glyphSize / 2 + variation.shift * (2 * random.uniform() - 1);
  const segments: number[] = [];
  for (const stroke of drawing.strokes) {
    let lastX = 0;
    let lastY = 0;
    for (let j = 0; j < stroke.length; j += 2) {
      const u = width * (stroke[j]! + variation.jitter * (2 * random.uniform() - 1) + shear * stroke[j + 1]!);
      const v = height * (stroke[j + 1]! + variation.jitter * (2 * random.uniform() - 1));
      const x = centerX + c * u - s * v;
      const y = centerY + s * u + c * v;
      if (j > 0) segments.push(lastX, lastY, x, y);
      lastX = x;
      lastY = y;
    }
  }
  if (random.uniform() < variation.clutter) {
    const length = between(random, variation.clutterLength);
    const direction = 2 * Math.PI * random.uniform();
    const x = glyphSize * random.uniform();
    const y = glyphSize * random.uniform();
    segments.push(x, y, x + length * cos(direction), y + length * sin(direction));
  }
  return segments;
}

/** Brightness falls linearly over one pixel at the stroke's edge: coverage by the distance to the nearest segment. */
function rasterize(
  segments: readonly number[],
  halfWidth: number,
  paper: number,
  ink: number,
  noise: Float32Array,
  out: Uint8Array,
): void {
  const reach = halfWidth + 0.5;
  nearest.fill(reach * reach);
  for (let j = 0; j < segments.length; j += 4) {
    lowerDistances(segments[j]!, segments[j + 1]!, segments[j + 2]!, segments[j + 3]!, reach);
  }
  for (let i = 0; i < out.length; i++) {
    const coverage = Math.min(1, reach - Math.sqrt(nearest[i]!));
    const value = paper + (ink - paper) * coverage + noise[i]!;
    out[i] = Math.round(255 * Math.min(1, Math.max(0, value)));
  }
}

/** Squared distance from each pixel's center to the nearest segment so far. */
const nearest = new Float64Array(glyphSize * glyphSize);

/** Only pixels within `reach` of the segment's box can be nearer to it than that. */
function lowerDistances(x0: number, y0: number, x1: number, y1: number, reach: number): void {
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(glyphSize, Math.ceil(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(glyphSize, Math.ceil(Math.max(y0, y1) + reach));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const square = dx * dx + dy * dy;
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const x = column + 0.5 - x0;
      const y = row + 0.5 - y0;
      const t = Math.max(0, Math.min(1, (x * dx + y * dy) / square));
      const ex = x - t * dx;
      const ey = y - t * dy;
      const distance = ex * ex + ey * ey;
      const i = row * glyphSize + column;
      if (distance < nearest[i]!) nearest[i] = distance;
    }
  }
}

function between(random: Stream, [low, high]: readonly [number, number]): number {
  return low + (high - low) * random.uniform();
}
