"use strict";
// Keeps the count at the bell up to date. Without this file each page shows the count of its moment.
(() => {
  const bell = document.getElementById("bell");
  const role = document.getElementById("role");
  const EVERY_MS = 60000;
  const MOST = 99;
  if (!bell || bell.getAttribute("aria-current")) return;

  /** Follows the role chosen beside the question. */
  function aim() {
    if (role) bell.href = role.value === "manager" ? "/inbox?role=manager" : "/inbox";
  }

  function show(unread) {
    const count = bell.querySelector(".bell-count");
    count.textContent = unread > MOST ? `${MOST}+` : String(unread);
    count.hidden = unread === 0;
    bell.querySelector(".bell-words").textContent = unread ? `未読${unread}件` : "";
  }

  async function refresh() {
    aim();
    if (document.hidden) return;
    try {
      const response = await fetch(`/inbox/count${new URL(bell.href).search}`, { headers: { Accept: "application/json" } });
      if (response.ok) show((await response.json()).unread);
    } catch {
      // No network: the count stays as it was, the next minute tries again.
    }
  }

  setInterval(refresh, EVERY_MS);
  document.addEventListener("visibilitychange", refresh);
  // From the inbox back to a page that the browser kept: its count is of before.
  addEventListener("pageshow", (event) => event.persisted && refresh());
  if (role) role.addEventListener("change", refresh);
})();
