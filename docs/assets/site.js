// Play the silent loops while they are on the screen. Each has a button to stop it; with reduced motion none starts.

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const ICONS = { pause: "M6 5h4v14H6zm8 0h4v14h-4z", play: "M8 5v14l11-7z" };

/** Give a loop its button, and play it while it is seen. @param {HTMLElement} figure */
function begin(figure) {
  const video = figure.querySelector("video");
  if (!video || figure.querySelector("button")) return;
  let wanted = !calm.matches;
  let seen = false;
  const button = document.createElement("button");
  button.type = "button";
  figure.append(button);
  const update = () => {
    const playing = wanted && seen;
    if (playing) video.play().catch(() => {});
    else video.pause();
    button.setAttribute("aria-label", wanted ? "Pause the clip" : "Play the clip");
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${wanted ? ICONS.pause : ICONS.play}"/></svg>`;
  };
  button.addEventListener("click", () => {
    wanted = !wanted;
    update();
  });
  new IntersectionObserver(([entry]) => {
    seen = entry.isIntersecting;
    update();
  }, { threshold: 0.25 }).observe(figure);
  update();
}

for (const figure of document.querySelectorAll(".vx-loop")) begin(figure);

// Material gives its search the role of a dialog, but no name.
document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
