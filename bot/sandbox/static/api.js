/** The page's one way to the sandbox server: read the state, act as a person, hear of changes. */

/** A request the server refused, or could not be reached for. The message is for the person at the page. */
export class ActFailed extends Error {}

/**
 * @param {string} as Slack user id of the person at the page; empty lets the server choose
 * @returns {Promise<object>} the whole state as that person sees it
 */
export async function readState(as) {
  return request(`/sandbox/state?${new URLSearchParams(as ? { as } : {})}`);
}

/**
 * @param {string} path for example `/sandbox/slash`
 * @param {object} body
 * @returns {Promise<object>}
 */
export async function act(path, body) {
  return request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function request(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { cache: "no-store", ...options });
  } catch {
    throw new ActFailed("The sandbox does not answer. Is it still running?");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new ActFailed(body.error || `The sandbox answered ${response.status}.`);
  return body;
}

/**
 * Follow the server's change counter; the browser reconnects by itself.
 *
 * @param {() => void} onChange
 * @param {(connected: boolean) => void} onConnection
 */
export function follow(onChange, onConnection) {
  const events = new EventSource("/sandbox/events");
  events.addEventListener("open", () => {
    onConnection(true);
    onChange();
  });
  events.addEventListener("message", onChange);
  events.addEventListener("error", () => onConnection(false));
}
