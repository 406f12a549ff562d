/** First byte that no static data uses; everything above belongs to bindings/memory.ts. */
export function heapBase(): usize {
  return __heap_base;
}
