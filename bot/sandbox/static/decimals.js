/** Money as text: compared and subtracted digit by digit, because a float would show cents that nobody owns. */

/** @param {string} text plain decimal digits, as the books write amounts @returns {{units: bigint, places: number}} */
function parse(text) {
  const [whole, decimals = ""] = text.split(".");
  return { units: BigInt(whole + decimals), places: decimals.length };
}

/**
 * @param {string} after
 * @param {string} before
 * @returns {string} `after - before` with its sign, like `+250` or `−0.5`; empty when nothing changed
 */
export function change(after, before) {
  const [a, b] = [parse(after), parse(before)];
  const places = Math.max(a.places, b.places);
  const scaled = ({ units, places: own }) => units * 10n ** BigInt(places - own);
  const difference = scaled(a) - scaled(b);
  if (difference === 0n) return "";
  const digits = String(difference < 0n ? -difference : difference).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const decimals = digits.slice(digits.length - places).replace(/0+$/, "");
  return (difference < 0n ? "−" : "+") + grouped(whole) + (decimals && `.${decimals}`);
}

/** @param {string} text plain decimal digits @returns {string} with thousands grouped: `1,250.5` */
export function grouped(text) {
  const [whole, decimals] = text.split(".");
  const commas = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals === undefined ? commas : `${commas}.${decimals}`;
}
