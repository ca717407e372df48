-- Sends one scan a request: ticket after ticket in, and from the second time on out and in, each under a new nonce.
-- wrk -t1 -s scans.lua URL -- TEXTS_FILE TOKEN CHECKPOINT DAY SECONDS FIRST
-- SECONDS after nine o'clock (WIB) is the moment of the first scan; FIRST is its place among all scans sent so far.
local texts, sent, token, checkpoint, day, start, first, run, began = {}, 0
local thread
wrong = 0

function setup(made)
  thread = made
end

function init(args)
  for line in io.lines(args[1]) do texts[#texts + 1] = line end
  token, checkpoint, day, start, first = args[2], args[3], args[4], tonumber(args[5]), tonumber(args[6])
  math.randomseed(os.time() + first)
  run = string.format("%08x-%04x", math.random(0, 0x7fffffff), math.random(0, 0xffff))
  began = os.time()
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. token
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  local place = first + sent
  local way = math.floor(place / #texts) % 2 == 0 and "entry" or "exit"
  local at = start + os.time() - began
  sent = sent + 1
  return wrk.format(nil, nil, nil, string.format(
    '{"passages": [{"nonce": "%s-4000-8000-%012x", "secret": "%s", "checkpoint": "%s", "type": "%s", ' ..
    '"scanned_at": "%sT%02d:%02d:%02d+07:00", "health": {"temperature_c": 36.4, "mask": true}}]}',
    run, place, texts[place % #texts + 1], checkpoint, way, day,
    9 + math.floor(at / 3600), math.floor(at / 60) % 60, at % 60))
end

function response(status, headers, body)
  if status ~= 200 or not body:find('"status":"ok"', 1, true) then wrong = wrong + 1 end
end

function done(summary, latency, requests)
  print("wrong answers: " .. thread:get("wrong"))
end
