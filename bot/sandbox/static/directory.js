/** Who is who, and what is called what, as one person sees it. */

/** How many avatar colours blocks.css has. */
const TONES = 6;

/** @param {object} state @returns {object} who is who, as everything that draws needs it */
export function directoryOf(state) {
  const person = (id) => state.users.find((user) => user.id === id);
  return {
    me: state.me,
    userName: (id) => person(id)?.name ?? state.apps[id] ?? id,
    isApp: (id) => id in state.apps,
    tone: (id) => state.users.findIndex((user) => user.id === id) % TONES,
    channelName: (id) => state.channels.find((channel) => channel.id === id)?.name ?? "direct message",
  };
}
