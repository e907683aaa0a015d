/**
 * Light or dark: as the system wants it, until the person chooses. A plain script, so that the choice is made before
 * anything is painted.
 */

(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const shown = () => root.dataset.theme || (system.matches ? "dark" : "light");

  const choice = localStorage.getItem("theme");
  if (choice === "light" || choice === "dark") root.dataset.theme = choice;

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const draw = () => {
      const other = shown() === "dark" ? "light" : "dark";
      button.textContent = other === "dark" ? "☾" : "☀";
      button.setAttribute("aria-label", `Switch to ${other} colours`);
      button.title = button.getAttribute("aria-label");
      button.dataset.other = other;
    };
    button.addEventListener("click", () => {
      root.dataset.theme = button.dataset.other;
      localStorage.setItem("theme", root.dataset.theme);
      draw();
    });
    system.addEventListener("change", draw);
    draw();
  });
})();
