-- Sends one scan a request: every ticket in its turn in, then out, each under a nonce of its own.
-- wrk -s scans.lua URL -- TEXTS_FILE TOKEN MOMENT CHECKPOINT [FIRST]
local texts, sent, thread, first = {}, 0, 0, 0
local threads = 0
local token, moment, checkpoint, run

function setup(made)
  made:set("number", threads)
  threads = threads + 1
end

function init(args)
  for line in io.lines(args[1]) do texts[#texts + 1] = line end
  token, moment, checkpoint = args[2], args[3], args[4]
  first = tonumber(args[5] or "0")
  thread = number
  math.randomseed(os.time() + thread * 7919)
  run = string.format("%08x-%04x", math.random(0, 0x7fffffff), math.random(0, 0xffff))
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. token
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  local place = first + sent
  local way = math.floor(place / #texts) % 2 == 0 and "entry" or "exit"
  local nonce = string.format("%s-4%03x-8%03x-%012x", run, thread, 0, place)
  sent = sent + 1
  return wrk.format(nil, nil, nil, string.format(
    '{"passages": [{"nonce": "%s", "secret": "%s", "checkpoint": "%s", "type": "%s", ' ..
    '"scanned_at": "%s", "health": {"temperature_c": 36.4, "mask": true}}]}',
    nonce, texts[place % #texts + 1], checkpoint, way, moment))
end

local bad = 0
function response(status, headers, body)
  if status ~= 200 or not body:find('"status":"ok"', 1, true) then bad = bad + 1; if bad < 4 then print(status, body) end end
end
