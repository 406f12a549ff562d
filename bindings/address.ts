/**
 * Numbers that are places in kernel memory, told apart from all others by the compiler: an address given as a length, a
 * length given as an address, and the sum of an address and a number do not compile where a kernel is called.
 */

declare const address: unique symbol;
declare const block: unique symbol;

/** A place in kernel memory. It stays right when the memory grows, which a view does not. */
export type Address = number & { readonly [address]: "address" };

/** Any number but an address: sizes, flags, factors. */
export type Count = number & { readonly [address]?: never; valueOf(): number };

/** Where a record with the fields of T lies (see blocks.ts). */
export type BlockAddress<T> = Address & { readonly [block]: T };

/** Instead of an array that is not wanted. */
export const none = 0 as Address;

/** The place so many bytes behind another. */
export const offset = (from: Address, bytes: Count): Address => (from + bytes) as Address;
