// Reads QR codes from images: by the browser's own detector where it has one that works, else by ZXing in WebAssembly.
"use strict";

const OPTIONS = { formats: ["QRCode"], tryRotate: false, tryInvert: false, tryDownscale: false, maxNumberOfSymbols: 1 };
let files;
let read;

async function native() {
  if (!("BarcodeDetector" in self)) return null;
  const formats = await self.BarcodeDetector.getSupportedFormats();
  if (!formats.includes("qr_code")) return null;
  const detector = new self.BarcodeDetector({ formats: ["qr_code"] });
  return async (image) => (await detector.detect(image))[0]?.rawValue ?? "";
}

function compiled() {
  importScripts(files.script);
  self.ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => files.wasm } });
  return async (image) => (await self.ZXingWASM.readBarcodes(image, OPTIONS))[0]?.text ?? "";
}

async function decode(image) {
  read ??= (await native().catch(() => null)) ?? compiled();
  try {
    return await read(image);
  } catch {
    // Some browsers list the detector and then reject every image (no barcode service behind it).
    read = compiled();
    return read(image);
  }
}

self.onmessage = async ({ data }) => {
  if (data.engine) {
    files = data.engine;
    return;
  }
  self.postMessage({ text: await decode(data.image) });
};
