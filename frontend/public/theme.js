// Runs before the first paint, so that the page never flashes in the other colour mode.
(() => {
  const root = document.documentElement;
  const wish = localStorage.getItem("colour-mode");
  const dark = wish ? wish === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.classList.toggle("dark", dark);
  root.style.colorScheme = dark ? "dark" : "light";
})();
