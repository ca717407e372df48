// The camera and the reading of its frames. Frames are decoded in a worker, so the page stays quick.
import { engine, urls } from "./setup.js";

const CHOICE = "eventhub.scanner.camera";
const SIDE = 648; // pixels: the centre square of 720p; smaller is quicker, larger reads no further
const PAUSE_MS = 70; // at most 14 tries a second, which spares the battery

export class Camera {
  #video;
  #seen;
  #stream = null;
  #worker = null;
  #canvas = document.createElement("canvas");
  #busy = false;
  #reading = false;

  /** `seen(text)` is called for every frame in which a code was read. */
  constructor(video, seen) {
    this.#video = video;
    this.#seen = seen;
  }

  get running() {
    return this.#stream !== null;
  }

  get chosen() {
    return localStorage.getItem(CHOICE) ?? "";
  }

  /** Opens the camera (the one at the back unless one was chosen). Throws what getUserMedia throws. */
  async start(deviceId = this.chosen) {
    this.stop();
    const stream = await this.#open(deviceId);
    localStorage.setItem(CHOICE, deviceId);
    this.#stream = stream;
    this.#video.srcObject = stream;
    await this.#video.play();
    this.#worker ??= this.#startWorker();
    this.#reading = true;
    this.#next();
  }

  stop() {
    this.#reading = false;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  async list() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === "videoinput" && device.deviceId);
  }

  get hasTorch() {
    return Boolean(this.#track?.getCapabilities?.().torch);
  }

  async light(on) {
    await this.#track.applyConstraints({ advanced: [{ torch: on }] });
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  async #open(deviceId) {
    const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: "environment" } };
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...size, ...which } });
    } catch (error) {
      if (!deviceId || error.name !== "OverconstrainedError") throw error;
      return this.#open(""); // the chosen camera is gone
    }
  }

  #startWorker() {
    const worker = new Worker(urls.decoder);
    worker.onmessage = ({ data }) => {
      this.#busy = false;
      if (data.text && this.#reading) this.#seen(data.text);
    };
    worker.postMessage({ engine });
    return worker;
  }

  #next() {
    if (!this.#reading) return;
    if (!this.#busy && this.#video.videoWidth) this.#look();
    setTimeout(() => this.#next(), PAUSE_MS);
  }

  #look() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    const square = Math.min(width, height) * 0.9;
    const side = Math.min(SIDE, Math.round(square));
    this.#canvas.width = this.#canvas.height = side;
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.#video, (width - square) / 2, (height - square) / 2, square, square, 0, 0, side, side);
    const image = context.getImageData(0, 0, side, side);
    this.#busy = true;
    this.#worker.postMessage({ image }, [image.data.buffer]);
  }
}
