-- Requests that all differ, for wrk: a template's @run@, @job@ and @time@ are filled in anew for each event.
-- Arguments: path, content type, events a request, jobs, prefix of run ids, what opens, separates and closes
-- the events of a request, then a template for starts (empty without) and one for ends.

-- An end is told so many starts after its own: sixteen connections must not let it overtake.
local BEHIND = 64
local RUN_SECONDS = 60

local path, batch, jobs, run_prefix, opening, separator, closing, start_pieces, end_pieces
local told = 0

local function pieces(template)
  local found = {}
  for literal, key in (template .. "@@"):gmatch("([^@]*)@([^@]*)@") do
    found[#found + 1] = { literal, key }
  end
  return found
end

local function fill(found, out, values)
  for i = 1, #found do
    out[#out + 1] = found[i][1]
    out[#out + 1] = values[found[i][2]] or ""
  end
end

local function time(number, ago)
  return os.date("!%Y-%m-%dT%H:%M:%S", os.time() - ago) .. string.format(".%06dZ", number % 1000000)
end

local function add_event(out)
  local is_start = start_pieces and told % 2 == 0
  local number = told
  if start_pieces then
    number = is_start and told / 2 or (told - 1) / 2 - BEHIND
  end
  told = told + 1
  local values = {
    run = run_prefix .. string.format("%012x", number % 2 ^ 48),
    job = string.format("%d", number % jobs),
    time = time(number, is_start and RUN_SECONDS or 0),
  }
  fill(is_start and start_pieces or end_pieces, out, values)
end

function init(arguments)
  local content_type, start_template, end_template
  path, content_type, batch, jobs, run_prefix, opening, separator, closing, start_template, end_template =
    unpack(arguments)
  batch, jobs = tonumber(batch), tonumber(jobs)
  path = pieces(path)
  start_pieces = start_template ~= "" and pieces(start_template) or nil
  end_pieces = pieces(end_template)
  wrk.headers["Content-Type"] = content_type
end

function request()
  local where, body = {}, { opening }
  fill(path, where, { job = string.format("%d", told % jobs) })
  for i = 1, batch do
    if i > 1 then
      body[#body + 1] = separator
    end
    add_event(body)
  end
  body[#body + 1] = closing
  return wrk.format("POST", table.concat(where), nil, table.concat(body))
end

function done(summary, latency, _)
  local wrong = summary.errors
  io.write(
    string.format(
      '\n{"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p99_microseconds": %d}\n',
      summary.requests,
      summary.duration,
      wrong.status,
      wrong.connect + wrong.read + wrong.write + wrong.timeout,
      latency:percentile(99)
    )
  )
end
