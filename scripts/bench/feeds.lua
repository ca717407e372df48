-- Asks for one address after the other, of a file that holds a path a line.
local paths = {}
local next_one = 0

function init(args)
  for line in io.lines(args[1]) do paths[#paths + 1] = line end
end

function request()
  next_one = next_one % #paths + 1
  return wrk.format("GET", paths[next_one])
end
