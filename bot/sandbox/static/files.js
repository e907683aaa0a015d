/** Pictures and files in messages. Only what this sandbox serves itself is loaded. */

import { el } from "./dom.js";

const UNITS = ["bytes", "kB", "MB"];

/**
 * @param {string} source a path of this server; anything else is named and not loaded
 * @param {string} alt what the picture shows, for those who cannot see it
 * @param {string} marks CSS classes
 * @returns {HTMLElement}
 */
export function drawImage(source, alt, marks = "") {
  const isOurs = new URL(source, location.href).origin === location.origin;
  if (!isOurs) return el("span", { class: "faint" }, `[picture: ${alt}]`);
  return el("img", { src: source, alt, class: `image ${marks}`.trim() });
}

/**
 * @param {{name: string, title: string, mimetype: string, size: number, alt_txt: string, url: string}} file
 * @returns {HTMLElement} a preview for a picture, and for every file its name as a link that saves it
 */
export function drawFile({ name, title, mimetype, size, alt_txt: alt, url }) {
  const isPicture = mimetype.startsWith("image/");
  return el(
    "figure",
    { class: "file" },
    isPicture && el("a", { href: url, target: "_blank" }, drawImage(url, alt || title)),
    el(
      "figcaption",
      {},
      el("a", { class: "link", href: url, download: name, "data-focus": `file ${url}` }, title),
      el("span", { class: "faint" }, ` ${name === title ? "" : `${name}, `}${spokenSize(size)}`),
      isPicture && alt && el("span", { class: "faint alt" }, `In words: ${alt}`),
    ),
  );
}

function spokenSize(bytes) {
  const step = bytes < 1000 ? 0 : bytes < 1_000_000 ? 1 : 2;
  return `${Math.round(bytes / 1000 ** step)} ${UNITS[step]}`;
}
