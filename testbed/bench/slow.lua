-- SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
--
-- wrk -s slow.lua ... -- SECONDS: every 1,000th request is /slow?NUMBER, the others are /1k.
-- After SECONDS all are /1k, so that no slow one is under way when wrk ends.
local fast, stop_s
local requests, slow = 0, 0

function init(args)
	fast = wrk.format("GET", "/1k")
	stop_s = os.time() + tonumber(args[1])
end

function request()
	requests = requests + 1
	if requests % 1000 ~= 0 or os.time() >= stop_s then
		return fast
	end
	slow = slow + 1
	return wrk.format("GET", "/slow?" .. slow)
end
