import { byId } from "./dom.js";
import { count, number } from "./words.js";

const tiles = document.querySelectorAll("[data-count]");
const SPEAK_AFTER = 2_000;

let version = "";
let speaking = null;

/** Shows newer counts; an older answer never overwrites them (versions are ordered as text). */
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
  speak(stats);
}

// Only after a pause: sending to many contacts changes the counts many times a second.
function speak(stats) {
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    byId("counts-spoken").textContent =
      `${count(stats.invited, "person", "people")} invited, ${number(stats.active)} active`;
  }, SPEAK_AFTER);
}
