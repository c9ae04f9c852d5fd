// The row of choices above a map: what is chosen is asked for at once, and stands in the address of the page.

const form = document.getElementById("choices");
const dates = [...form.querySelectorAll(".dates input")];

form.addEventListener("formdata", ({ formData }) => {
  const isCustom = formData.get("period") === "custom";
  const idle = [...formData].filter(([name, value]) => value === "" || (!isCustom && (name === "since" || name === "until")));
  for (const [name] of idle) formData.delete(name);
});

for (const field of dates) {
  field.addEventListener("change", () => {
    form.elements.period.value = "custom";
    if (dates.every((date) => date.value)) form.requestSubmit();
  });
}
for (const field of form.querySelectorAll("select, input[type=date]:not(.dates input)")) {
  field.addEventListener("change", () => form.requestSubmit());
}
