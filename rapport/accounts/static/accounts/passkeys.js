// Shows what only works with JavaScript, and says in words when a passkey was not accepted.
for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const place = document.querySelector("[data-passkey-error]") ?? document.getElementById("live");
  const words = document.querySelector("[data-passkey-words]")?.dataset.passkeyWords;
  place.textContent = words ?? event.detail.exception.message;
});
