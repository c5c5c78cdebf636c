// What a function that can fail returns: a value, or an Error. No exception crosses a function of
// Coffer.
#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
#include <boost/outcome/success_failure.hpp>
#include <boost/outcome/try.hpp>

#include "coffer/base/error.h"

namespace coffer {

// It is nodiscard, as Outcome makes it. `return value;` and `return Error(...)` both convert.
// Asking a failure for its value ends the program: check first, or use TRY.
template <class T = void>
using Result = boost::outcome_v2::basic_result<T, Error, boost::outcome_v2::policy::terminate>;

// `return Ok();` in a function that returns Result<void>.
inline constexpr auto Ok() {
    return boost::outcome_v2::success();
}

}  // namespace coffer

// TRY(expression) or TRY(auto name, expression): goes on with the value, or returns the error to
// the caller. CO_TRY is its form for coroutines.
#define TRY(...) BOOST_OUTCOME_TRY(__VA_ARGS__)
#define CO_TRY(...) BOOST_OUTCOME_CO_TRY(__VA_ARGS__)
