// A form whose answer is a file that takes a while: says that it is being made, then saves it. Works without, too.

for (const form of document.querySelectorAll("form[data-download]")) {
  const working = form.querySelector("[data-working]");
  const failed = form.querySelector("[data-failed]");
  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    working.hidden = false;
    failed.hidden = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      if (!answer.ok) throw new Error(answer.status);
      save(await answer.blob(), answer.headers.get("Content-Disposition"));
    } catch {
      failed.hidden = false;
    } finally {
      button.disabled = false;
      working.hidden = true;
    }
  });
}

function save(blob, disposition) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = /filename="([^"]+)"/.exec(disposition)?.[1] ?? "";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
