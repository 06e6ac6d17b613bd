"use strict";
// Everything works without this file. With it figures come by themselves, characters are counted, audiences are clicked.
(() => {
  reveal(document);
  for (const field of document.querySelectorAll("[data-counts]")) count(field);
  for (const field of document.querySelectorAll("[data-filters]")) filter(field);
  build(document.querySelector(".builder"));
  wait();

  /** Shows what needs this file. */
  function reveal(part) {
    for (const element of part.querySelectorAll("[data-script]")) element.hidden = false;
  }

  /** Says below a field how many characters it holds. */
  function count(field) {
    const most = Number(field.dataset.counts);
    const shown = document.createElement("p");
    shown.className = "hint counter";
    field.after(shown);
    const tell = () => {
      const length = [...field.value.trim()].length;
      shown.textContent = `${length.toLocaleString("ja-JP")}文字（${most.toLocaleString("ja-JP")}文字まで）`;
      shown.classList.toggle("error", length > most);
    };
    field.addEventListener("input", tell);
    tell();
  }

  /** Hides what doesn't contain the words typed; what is ticked stays. */
  function filter(field) {
    const list = document.getElementById(field.dataset.filters);
    field.addEventListener("input", () => {
      const words = field.value.trim().toLowerCase().split(/[\s　]+/);
      for (const item of list.children) {
        const text = item.textContent.toLowerCase();
        item.hidden = !item.querySelector("input").checked && !words.every((word) => text.includes(word));
      }
    });
    field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }

  /** Writes the audience from what is chosen. */
  function build(builder) {
    if (!builder) return;
    const kinds = builder.querySelector("[data-kinds]");
    const audience = document.getElementById("audience");
    const said = document.getElementById("built");
    const choose = () => {
      for (const part of builder.querySelectorAll("[data-kind]")) part.hidden = part.dataset.kind !== kinds.value;
    };
    kinds.addEventListener("change", choose);
    choose();
    builder.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.tagName === "INPUT") event.preventDefault();
    });
    builder.addEventListener("click", (event) => {
      const sign = event.target.dataset.build;
      if (!sign) return;
      const part = builder.querySelector(`[data-kind="${kinds.value}"]`);
      const field = part && part.querySelector("input, select");
      const value = field ? field.value.trim() : "";
      if (field && !value) {
        said.textContent = `${part.querySelector("label").textContent}を選んでください。`;
        field.focus();
        return;
      }
      const quoted = /[\s()":（）：]/.test(value) ? `"${value.replaceAll('"', "")}"` : value;
      const word = field ? `${kinds.value}:${quoted}` : kinds.value;
      const before = audience.value.trim();
      if (!before && sign === "-") {
        said.textContent = "除く前に、まず宛先をあわせてください。";
        return;
      }
      audience.value = before ? `${before} ${sign} ${word}` : word;
      said.textContent = `宛先：${audience.value}`;
    });
  }

  /** The figures, as long as they may change. */
  function live() {
    const shown = document.getElementById("live");
    return shown && "every" in shown.dataset ? shown : null;
  }

  function wait() {
    const shown = live();
    if (shown) setTimeout(refresh, Number(shown.dataset.every) * 1000);
  }

  /** Exchanges the figures; the sentence above them is changed only where it says something new. */
  async function refresh() {
    const shown = live();
    if (!shown) return;
    if (!document.hidden) {
      try {
        const response = await fetch(shown.dataset.live, { headers: { Accept: "text/html" } });
        if (response.ok) exchange(shown, new DOMParser().parseFromString(await response.text(), "text/html"));
        else if (response.status < 500) return stop(response.status);
      } catch {
        // No network: the figures stay as they were, the next turn tries again.
      }
    }
    wait();
  }

  /** Nothing comes any more; says why. */
  function stop(status) {
    delete document.getElementById("live").dataset.every;
    const hint = document.querySelector(".live-hint");
    if (hint) hint.hidden = true;
    document.getElementById(status === 401 ? "live-signed-out" : "live-gone").hidden = false;
  }

  /** What can be done changes with the figures; it is drawn anew, unless somebody is busy in it. */
  function follow(page) {
    const shown = document.querySelector("[data-follow-up]");
    const next = page.querySelector("[data-follow-up]");
    if (!shown || !next || shown.contains(document.activeElement) || shown.querySelector("details[open]")) return;
    if (!shown.isEqualNode(next)) shown.replaceWith(document.importNode(next, true));
  }

  function exchange(shown, page) {
    const next = page.getElementById("live");
    if (!next) return;
    follow(page);
    reveal(next);
    const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
    const open = new Map([...shown.querySelectorAll("details")].map((fold) => [fold.id, fold.open]));
    shown.replaceWith(document.importNode(next, true));
    for (const [id, wasOpen] of open) {
      const fold = document.getElementById(id);
      if (fold) fold.open = wasOpen;
    }
    const again = focused && document.getElementById(focused);
    if (again) again.focus({ preventScroll: true });
    const summary = document.getElementById("live-summary");
    if (summary.textContent !== next.dataset.summary) summary.textContent = next.dataset.summary;
  }
})();
