-- Asks for the lines of a file, in random order, and ends with a line of JSON: wrk -s load.lua ADDRESS -- FILE
-- A line has method, path and body between tabs. Latencies are in milliseconds.

local requests = {}

function init(arguments)
  math.randomseed(1)
  for line in io.lines(arguments[1]) do
    local method, path, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
    local headers = nil
    if body == "" then
      body = nil
    else
      headers = { ["Content-Type"] = "application/json" }
    end
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
end

function request()
  return requests[math.random(#requests)]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  local told = { string.format('"rate": %.3f, "failed": %d', summary.requests / summary.duration * 1e6, failed) }
  for _, share in ipairs({ 50, 95, 99 }) do
    told[#told + 1] = string.format('"p%d": %.3f', share, latency:percentile(share) / 1e3)
  end
  print("{" .. table.concat(told, ", ") .. "}")
end
