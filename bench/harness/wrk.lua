-- For wrk: GET of each target in the file that is named behind "--", in turn; figures as a line of JSON at the end.

local requests = {}
local next_request = 0

function init(arguments)
    for target in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format("GET", target)
    end
end

function request()
    next_request = next_request % #requests + 1
    return requests[next_request]
end

function done(summary, latency)
    local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status
        + summary.errors.timeout
    io.write(string.format('\n{"count":%d,"seconds":%.6f,"errors":%d,"p50_us":%.2f,"p99_us":%.2f}\n',
        summary.requests, summary.duration / 1e6, errors, latency:percentile(50), latency:percentile(99)))
end
