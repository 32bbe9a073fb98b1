// A key with which a word is composed (Chinese, Japanese, Korean, accents) belongs to that word: no behavior hears of it.
window.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation();
}, true);
