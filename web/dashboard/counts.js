import { byId } from "./dom.js";
import { count, number } from "./words.js";

const tiles = document.querySelectorAll("[data-count]");
const ANNOUNCE_DELAY = 2_000;

let version = "";
let announcing = null;

/** Shows newer counts; an older response never overwrites them (versions are ordered as text). */
export function showCounts(stats) {
  if (stats.version < version) return;
  version = stats.version;
  for (const tile of tiles) {
    const text = number(stats[tile.dataset.count]);
    if (tile.textContent === text) continue;
    tile.textContent = text;
    tile.classList.remove("moved");
    requestAnimationFrame(() => tile.classList.add("moved"));
  }
  announce(stats);
}

// Only after a pause: sending to many contacts changes the counts many times a second.
function announce(stats) {
  clearTimeout(announcing);
  announcing = setTimeout(() => {
    byId("counts-spoken").textContent =
      `${count(stats.invited, "person", "people")} invited, ${number(stats.active)} active`;
  }, ANNOUNCE_DELAY);
}
