/** Milliseconds after the load: the first picture and the first run go before what is only for later. */
const wait = 5000;

/** From the first visit on the page is there without its server, where the browser allows that (https or this machine). */
export function keepForOffline(): void {
  if (!("serviceWorker" in navigator)) return;
  // Of the page's folder, whatever that is
  setTimeout(() => {
    navigator.serviceWorker.register(new URL("./offline.js", document.baseURI)).catch(() => {
      // Forbidden here: the page goes on with its server
    });
  }, wait);
}
