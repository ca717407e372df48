// Shows a stream in the page: YouTube and Jitsi in a frame of theirs, HLS in a video of ours.

// While nothing is sent an HLS stream is not there at all.
const AGAIN_MS = 5000;
const HLS = "application/vnd.apple.mpegurl";

/** Fills `place` with what plays the stream of `stage`; `silent(isSilent)` is called when it stops and when it goes on. */
export function showPlayer(stage, place, { isLight, silent }) {
  const { embed, kind, title } = stage.dataset;
  place.classList.add("playing", kind);
  if (kind === "hls") showVideo(place, embed, { title, isLight, silent, library: stage.dataset.library });
  else showFrame(place, embed, { title, kind, isLight });
}

function showFrame(place, address, { title, kind, isLight }) {
  const frame = document.createElement("iframe");
  frame.title = title;
  const meets = kind === "jitsi";
  frame.allow = `autoplay; encrypted-media; fullscreen; picture-in-picture${meets ? "; camera; microphone; display-capture" : ""}`;
  // YouTube refuses to play without knowing the page's host; the path is not told.
  frame.referrerPolicy = "strict-origin";
  // A wish that YouTube may not heed (the page says how to choose by hand), and one that Jitsi does.
  frame.src = address + (isLight ? (meets ? "&config.startAudioOnly=true" : "&vq=tiny") : "");
  place.replaceChildren(frame);
}

function showVideo(place, address, { title, isLight, silent, library }) {
  const video = document.createElement("video");
  video.title = title;
  video.controls = true;
  video.playsInline = true;
  video.addEventListener("playing", () => silent(false));
  place.replaceChildren(video);
  if (playsByItself(video)) playNatively(video, address, silent);
  else playByLibrary(video, address, { library, isLight, silent });
}

// Safari's own player is the better one there; on iPhones there is no other.
function playsByItself(video) {
  return video.canPlayType(HLS) !== "" && (!("MediaSource" in window) || "GestureEvent" in window);
}

function playNatively(video, address, silent) {
  const load = () => {
    video.src = address;
    begin(video);
  };
  video.addEventListener("error", () => {
    silent(true);
    setTimeout(load, AGAIN_MS);
  });
  load();
}

async function playByLibrary(video, address, { library, isLight, silent }) {
  const { default: Hls } = await import(library);
  const load = () => {
    // A worker would be code from a blob, which the page's policy forbids; on a slow line the smallest picture stays.
    const player = new Hls({ enableWorker: false, ...(isLight && { startLevel: 0, maxBufferLength: 15 }) });
    player.on(Hls.Events.MANIFEST_PARSED, () => {
      if (isLight) player.autoLevelCapping = 0;
      begin(video);
    });
    player.on(Hls.Events.ERROR, (_, { fatal }) => {
      if (!fatal) return;
      silent(true);
      player.destroy();
      setTimeout(load, AGAIN_MS);
    });
    player.loadSource(address);
    player.attachMedia(video);
  };
  load();
}

// Browsers let a page begin with sound after a press on it; where that was too long ago, without.
function begin(video) {
  video.play().catch(() => {
    video.muted = true;
    video.play().catch(() => {});
  });
}
