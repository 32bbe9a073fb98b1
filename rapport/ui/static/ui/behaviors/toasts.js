// A toast is said once, stays 12 seconds (longer while looked at, for good when something failed), and F8 goes to it. One about
// what is under way (data-passing) goes when the piece that follows it has come to its end, which that says (data-ended).
import { announce } from "./whenever.js";

const STAYS = 12_000;
const region = document.getElementById("toasts");

function settle(toast) {
  toast.dataset.ready = "";
  const close = toast.querySelector("[data-toast-close]");
  close.hidden = false;
  close.addEventListener("click", () => toast.remove());
  announce(toast.querySelector("p").textContent);
  if (toast.classList.contains("bad")) return;
  let left = STAYS;
  const tick = 250;
  const timer = setInterval(() => {
    if (document.hidden || region.matches(":hover, :focus-within")) return;
    left -= tick;
    if (left > 0 && toast.isConnected) return;
    clearInterval(timer);
    toast.remove();
  }, tick);
}

function settleAll() {
  region.querySelectorAll("[data-toast]:not([data-ready])").forEach(settle);
}

function failed() {
  const toast = document.getElementById("toast-failed")?.content.firstElementChild.cloneNode(true);
  if (!toast || region.querySelector("[data-failed]")) return;
  toast.dataset.failed = "";
  region.append(toast);
}

if (region) {
  settleAll();
  new MutationObserver(settleAll).observe(region, { childList: true, subtree: true });
  document.addEventListener("rapport:replaced", ({ target }) => {
    if (!target.dataset?.ended) return;
    region.querySelectorAll("[data-passing]").forEach((toast) => toast.remove());
    announce(target.dataset.ended);
  });
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F8") return;
    event.preventDefault();
    (region.querySelector("[data-toast] :is(button, a):not([hidden])") ?? region).focus();
  });
}
