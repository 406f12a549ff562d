/** Light, dark, or as the system has it; remembered by the browser where it allows that. */
export function setUpTheme(select: HTMLSelectElement): void {
  const key = "cellfed-theme";
  select.value = read(key);
  apply(select.value);
  select.addEventListener("change", () => {
    apply(select.value);
    try {
      localStorage.setItem(key, select.value);
    } catch {
      // Storage may be forbidden; then the choice lasts as long as the page
    }
  });
}

function apply(theme: string): void {
  if (theme === "") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.setAttribute("data-theme", theme);
}

function read(key: string): string {
  try {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" ? stored : "";
  } catch {
    return "";
  }
}
