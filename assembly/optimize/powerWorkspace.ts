/**
 * The flat memory of one power-allocation problem of n clients: coefficients of the rate model and what the kernels
 * beside this file make of them. float64; matrices have rows of `stride` = n rounded up to even, padded with zeros.
 */
const headerBytes: usize = 192;
const sectionsAt: usize = 16;
/** int32: the client whose place the border's variable takes; −1: none */
export const borderAt: usize = 8;

/** Above this many clients the least powers are found by iteration, up to it by elimination. */
export const directLimit = 64;
/** Dimensions of the Krylov space before it starts afresh. */
export const krylovCycle = 24;

export const couplings = 0; //   C [n × stride]: B̃ with B on its diagonal
export const signal = 1; //      A [n]
export const noise = 2; //       I [n]
export const demand = 3; //      c_k = S_k ln 2 / W, s [n]
export const logPower = 4; //    y [n]
export const power = 5; //       p [stride]
export const shares = 6; //      w_kj = C_kj p_j / D_k [n × stride]
export const logLatency = 7; //  ln ℓ_k [n]
export const first = 8; //       a_k [n]
export const second = 9; //      b_k [n]
export const energyShare = 10; // E_k / E [n]
export const energySlope = 11; // ∇ ln E [stride]
export const weights = 12; //    c1, c2, c3, β, each [stride]
export const matrix = 13; //     M or a Hessian [n × stride]
export const growth = 14; //     p′(η) [stride]
export const sentShare = 15; //  r_k = P_u p_k / (P_u p_k + P_c) [n]
export const held = 16; //       [stride], above 0 where a client's power is held there, whatever its rate
export const bend = 17; //       p″(η) [stride]
export const received = 18; //   C p [stride]
export const receivedGrowth = 19; // C p′ [stride]
export const rowFactor = 20; //  scratch [stride]
export const scale = 21; //      scratch [stride]
export const right = 22; //      scratch [stride]
export const scaled = 23; //     scratch [stride]
export const unknown = 24; //    scratch [stride]
export const small = 25; //      the Krylov space's triangle, rotations and right-hand side
export const basis = 26; //      of the Krylov space [(krylovCycle + 1) × stride]
export const own = 27; //        d, the system's own diagonal [stride]
export const border = 28; //     scratch [stride]
const sections = 29;

@inline
export function countOf(ws: usize): i32 {
  return load<i32>(ws);
}

@inline
export function powerStride(ws: usize): i32 {
  return load<i32>(ws, 4);
}

@inline
export function part(ws: usize, which: i32): usize {
  return load<usize>(ws + sectionsAt + (<usize>which << 2));
}

function partBytes(which: i32, n: i32): usize {
  const stride = (n + 1) & ~1;
  let count = stride;
  if (which == couplings || which == shares || which == matrix) count = n * stride;
  else if (which == weights) count = 4 * stride;
  else if (which == small) count = krylovCycle * (krylovCycle + 4) + 2;
  else if (which == basis) count = (krylovCycle + 1) * stride;
  return <usize>count << 3;
}

export function powerBytes(n: i32): usize {
  let bytes = headerBytes;
  for (let which = 0; which < sections; which++) bytes += partBytes(which, n);
  return bytes;
}

export function powerSetup(ws: usize, n: i32): void {
  memory.fill(ws, 0, powerBytes(n));
  store<i32>(ws, n);
  store<i32>(ws, (n + 1) & ~1, 4);
  let at = ws + headerBytes;
  for (let which = 0; which < sections; which++) {
    store<usize>(ws + sectionsAt + (<usize>which << 2), at);
    at += partBytes(which, n);
  }
}

export function powerSection(ws: usize, which: i32): usize {
  return part(ws, which);
}
