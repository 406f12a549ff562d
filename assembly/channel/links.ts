/**
 * The links between all clients and access points. Arrays over links are [L][K] or, where a kernel says so, [K][L].
 */
@unmanaged
export class Links {
  /** L */
  accessPoints: i32;
  /** K */
  clients: i32;
  /** N */
  antennas: i32;
  /** Pilots there are */
  pilots: i32;
  /** i32 [K]: the pilot of each client */
  pilotOf: usize;
}

// @ts-ignore: decorator
@inline
export function pilotOf(client: i32, links: Links): i32 {
  return load<i32>(links.pilotOf + ((<usize>client) << 2));
}
