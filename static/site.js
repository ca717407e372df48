// Makes pages quicker to use. Everything here also works without it.

const root = document.documentElement;

function applyTheme(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
}

function isDark() {
  return root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
}

function offerThemes() {
  if (!root.hasAttribute("data-theme-fixed")) applyTheme(localStorage.getItem("theme"));
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.hidden = root.hasAttribute("data-theme-fixed");
    button.addEventListener("click", () => {
      const theme = isDark() ? "light" : "dark";
      localStorage.setItem("theme", theme);
      applyTheme(theme);
    });
  }
}

// The server writes times in the reader's own zone beside the event's once it knows that zone.
function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = document.cookie.split("; ").find((part) => part.startsWith("zone="));
  if (!zone || known === `zone=${encodeURIComponent(zone)}`) return;
  document.cookie = `zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
  const page = document.body.dataset;
  if (!document.cookie.includes("zone=")) return;
  if (page.ownZone !== undefined && page.ownZone !== zone && page.zone !== zone) location.reload();
}

function submitOnChange() {
  for (const form of document.querySelectorAll("[data-submit-on-change]")) {
    form.addEventListener("change", (change) => {
      if (change.target.type !== "search") form.requestSubmit();
    });
  }
}

// A session opens in place; its link still leads to its page.
function openInPlace() {
  document.addEventListener("click", async (click) => {
    const link = click.target.closest("[data-open-in-place] li > a");
    if (!link || click.ctrlKey || click.metaKey || click.shiftKey || click.button) return;
    click.preventDefault();
    const item = link.parentElement;
    const open = item.querySelector(".opened");
    if (open) {
      open.remove();
      link.setAttribute("aria-expanded", "false");
      return;
    }
    const answer = await fetch(link.href).catch(() => null);
    if (!answer?.ok) {
      location.assign(link.href);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.querySelector("[data-session]");
    if (!part) {
      location.assign(link.href);
      return;
    }
    part.classList.add("opened");
    item.append(document.adoptNode(part));
    link.setAttribute("aria-expanded", "true");
  });
}

function showCurrentTab() {
  for (const tab of document.querySelectorAll(".tabs [aria-current], .sections [aria-current]")) {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - row.clientWidth / 2 + tab.offsetWidth / 2;
  }
}

function focusRefusal() {
  document.querySelector("[data-focus]")?.focus();
}

// Rows of a form that can be added to: a <template data-row> and a button [data-add-row].
function addRows() {
  for (const button of document.querySelectorAll("[data-add-row]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const template = document.getElementById(button.dataset.addRow);
      template.before(template.content.cloneNode(true));
      template.previousElementSibling.querySelector("input, select")?.focus();
    });
  }
}

offerThemes();
tellZone();
submitOnChange();
openInPlace();
showCurrentTab();
focusRefusal();
addRows();
