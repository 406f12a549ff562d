/**
 * Runs in the page: marks of its figures, each against what lies behind it, where the contrast is less than `least` : 1.
 * Lines of a grid and what only repeats another mark are no information by themselves.
 */
export function contrasts(least) {
  const channels = (color) => {
    // Any notation of a color becomes pixels
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [1, 1];
    const context = canvas.getContext("2d");
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const [lr, lg, lb] = [r, g, b].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * lr + 0.7152 * lg + 0.0722 * lb;
  };
  const over = (mark, ground, opacity) => {
    const alpha = (mark[3] / 255) * opacity;
    return [0, 1, 2].map((i) => mark[i] * alpha + ground[i] * (1 - alpha));
  };
  const ratio = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const panel = (node) => {
    for (let at = node; at !== null; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color[3] > 200) return color;
    }
    return channels("white");
  };
  const map = document.querySelector(".drop-map");
  const grounds = (node) => {
    if (node.closest(".drop-marks") === null || map === null) return [panel(node)];
    const { backgroundColor, color } = getComputedStyle(map);
    return [channels(backgroundColor), channels(color)];
  };
  const marks = [
    ["#accuracy .lines g:not(.ghost) path", "stroke"],
    ["#accuracy .lines g.ghost path", "stroke"],
    ["#accuracy .wall line", "stroke"],
    ["#accuracy .mark", "stroke"],
    [".drop-tower", "fill"],
    [".drop-disc", "stroke"],
    [".drop-power", "fill"],
    [".drop-energy", "stroke"],
    [".drop-own", "stroke"],
    [".bar-kept", "fill"],
    [".hatch-line", "fill"],
    [".level", "stroke"],
    [".bits", "fill"],
    [".part-compute", "fill"],
    [".part-send", "fill"],
    [".part-last", "fill"],
    [".hatch-line", "fill"],
  ];
  const found = new Set();
  for (const [selector, property] of marks)
    for (const node of [...document.querySelectorAll(`main ${selector}`)].slice(0, 40)) {
      const style = getComputedStyle(node);
      if (style.display === "none" || style.visibility === "hidden" || style[property] === "none") continue;
      const opacity = Number(style.opacity) * Number(style[`${property}Opacity`] ?? 1);
      for (const ground of grounds(node)) {
        const value = ratio(over(channels(style[property]), ground, opacity), ground);
        if (value < least)
          found.add(`${selector} ${property} ${style[property]} on ${ground.slice(0, 3)}: ${value.toFixed(2)}`);
      }
    }
  return [...found];
}
