// A ticket's text: what it claims, whether it is signed, and what it opens. See docs/scanner.md.
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LENGTH = 122;
const HEADER_BYTES = 12;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const imported = new Map();

/** Returns a scanned text without the blanks and lower case that keyboards and hardware scanners put in. */
export function clean(scanned) {
  return scanned.replace(/\s+/g, "").toUpperCase();
}

/** Returns {keyId, event, header, signature} of a cleaned text, or null where no ticket can read so. */
export function read(text) {
  const bytes = decoded(text);
  if (bytes === null || bytes[0] !== 1) return null;
  return {
    keyId: bytes[1],
    event: (bytes[2] << 8) | bytes[3],
    header: bytes.slice(0, HEADER_BYTES),
    signature: bytes.slice(HEADER_BYTES),
  };
}

/** Returns what stands for a ticket towards the server: its number, which opens nothing. */
export function numberOf(claim) {
  return base64(claim.header);
}

/**
 * Checks a claim's signature (Ed25519). Returns null when it holds, else "wrong_event", "bad_signature", or "unverified"
 * where this browser, or the keys this phone has, cannot tell.
 */
export async function check(claim, event, keys) {
  if (claim.event !== event) return "wrong_event";
  const known = keys.find((key) => key.key_id === claim.keyId);
  const key = known && (await publicKey(known.public_key));
  if (!key) return "unverified";
  const purpose = encoder.encode("eventhub ticket\n");
  const message = new Uint8Array(purpose.length + HEADER_BYTES);
  message.set(purpose);
  message.set(claim.header, purpose.length);
  return (await crypto.subtle.verify("Ed25519", key, claim.signature, message)) ? null : "bad_signature";
}

/** Returns under what a ticket is listed in the snapshot. */
export async function idOf(text) {
  return base64((await sha256(`eventhub ticket id\n${text}`)).slice(0, 16));
}

/** Opens what the snapshot keeps under a ticket. */
export async function open(text, sealed) {
  const bytes = unbase64(sealed);
  const key = await crypto.subtle.importKey("raw", await sha256(`eventhub ticket data\n${text}`), "AES-GCM", false, ["decrypt"]);
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes.slice(0, 12) }, key, bytes.slice(12));
  return JSON.parse(decoder.decode(plain));
}

/** Whether this browser can check signatures by itself: in a secure context, where it knows Ed25519. */
export async function canVerify() {
  return (await publicKey(base64(new Uint8Array(32)))) !== null;
}

async function publicKey(text) {
  if (!imported.has(text)) imported.set(text, await importKey(text).catch(() => null)); // older browsers know no Ed25519
  return imported.get(text);
}

async function importKey(text) {
  return crypto.subtle.importKey("raw", unbase64(text), { name: "Ed25519" }, false, ["verify"]);
}

async function sha256(text) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}

function decoded(text) {
  if (text.length !== LENGTH) return null;
  const bytes = new Uint8Array(76);
  let bits = 0;
  let held = 0;
  let written = 0;
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return null;
    bits = (bits << 5) | value;
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes[written++] = bits >> held;
      bits &= (1 << held) - 1;
    }
  }
  return bits === 0 ? bytes : null; // the two bits left over have one form
}

function base64(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function unbase64(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
