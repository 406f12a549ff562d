const script = document.querySelector<HTMLScriptElement>('script[src$="assets/client.js"]')!.src;

/** The address of a file beside the site's script, wherever the site lies. */
export function asset(path: string): URL {
  return new URL(path, script);
}
