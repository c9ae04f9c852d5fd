// Hands the page to the printer of whoever reads it.

document.getElementById("print").addEventListener("click", () => window.print());
