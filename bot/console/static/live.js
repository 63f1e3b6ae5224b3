// Draws the figures of something under way anew every two seconds. Without it the page has a link that does the same.
(() => {
  "use strict";
  const PERIOD = 2000;
  const LONGEST_WAIT = 30000;
  const figures = document.querySelector("[data-live]");
  if (!figures) return;

  let wait = PERIOD;
  const state = () => figures.firstElementChild?.dataset.state;

  async function refresh() {
    if (document.hidden) return PERIOD;
    const answer = await fetch(figures.dataset.live, { cache: "no-store", redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const before = state();
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
    figures.replaceChildren(...drawn.body.childNodes);
    // Another state has other buttons, and when all is over nothing changes any more.
    if (state() !== before) location.reload();
    return PERIOD;
  }

  async function goOn() {
    try {
      wait = await refresh();
    } catch {
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
    if (figures.firstElementChild?.dataset.over === undefined) setTimeout(goOn, wait);
  }

  if (figures.firstElementChild?.dataset.over === undefined) setTimeout(goOn, wait);
})();
