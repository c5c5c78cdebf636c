#include "tests/fault/operation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <sstream>
#include <utility>

namespace coffer::testing {
namespace {

struct ActionInfo {
    std::string_view name;
    uint32_t weight;  // how often it is drawn
};

constexpr std::array<ActionInfo, kActionCount> kActions = {{
    {"put", 20},      {"put_if_absent", 4}, {"put_if_match", 4},  {"put_large", 0},
    {"delete", 10},   {"delete_many", 3},   {"get", 6},           {"get_range", 5},
    {"list", 5},      {"copy", 6},          {"create_upload", 6}, {"put_part", 8},
    {"copy_part", 6}, {"complete", 6},      {"abort", 3},         {"reclaim", 8},
    {"compact", 8},   {"restart", 2},       {"scrub", 2},         {"expire", 2},
    {"nothing", 3},
}};

Action DrawAction(std::mt19937_64& random) {
    uint32_t total = 0;
    for (const ActionInfo& info : kActions)
        total += info.weight;
    uint64_t lot = random() % total;
    for (size_t i = 0;; ++i) {
        if (lot < kActions[i].weight) return static_cast<Action>(i);
        lot -= kActions[i].weight;
    }
}

// Most operations make few calls, some make many: as many short distances as long ones.
Cut DrawCut(std::mt19937_64& random) {
    Cut cut;
    const uint64_t reach = uint64_t{1} << (1 + random() % 6);
    cut.call = static_cast<uint32_t>(1 + random() % reach);
    cut.power_loss = random() % 3 != 0;
    if (cut.power_loss && random() % 4 != 0) cut.lot = random() % 1'000'000'000;
    return cut;
}

bool ParseOperation(const std::string& line, Operation& operation) {
    std::istringstream in(line);
    std::string name;
    in >> name >> operation.a >> operation.b >> operation.c >> operation.d;
    const auto* info = std::ranges::find(kActions, name, &ActionInfo::name);
    if (!in || info == kActions.end()) return false;
    operation.action = static_cast<Action>(info - kActions.begin());
    std::string bar;
    while (in >> bar) {
        Cut cut;
        in >> name >> cut.call;
        cut.power_loss = name == "power";
        if (cut.power_loss) in >> cut.lot;
        if (!in || bar != "|" || (name != "power" && name != "kill")) return false;
        operation.cuts.push_back(cut);
    }
    return true;
}

}  // namespace

std::string Format(const Operation& operation) {
    std::string line =
        fmt::format("{} {} {} {} {}", kActions[static_cast<size_t>(operation.action)].name,
                    operation.a, operation.b, operation.c, operation.d);
    for (const Cut& cut : operation.cuts) {
        line += cut.power_loss ? fmt::format(" | power {} {}", cut.call, cut.lot)
                               : fmt::format(" | kill {}", cut.call);
    }
    return line;
}

std::string Format(const std::vector<Operation>& sequence) {
    std::string text;
    for (const Operation& operation : sequence)
        text += Format(operation) + "\n";
    return text;
}

Result<std::vector<Operation>> ParseSequence(std::string_view text) {
    std::vector<Operation> sequence;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        if (line.find_first_not_of(' ') == std::string::npos) continue;
        Operation operation;
        if (!ParseOperation(line, operation))
            return Error(ErrorKind::kInvalid, "not an operation: " + line);
        sequence.push_back(std::move(operation));
    }
    return sequence;
}

std::vector<Operation> DrawSequence(uint64_t seed, size_t length) {
    std::mt19937_64 random(seed);
    // Objects of several parts need a large content to begin with, which costs time.
    const bool large = random() % 16 == 0;
    const uint64_t cut_in = 6 + random() % 20;
    std::vector<Operation> sequence;
    for (size_t i = 0; i < length; ++i) {
        Operation operation;
        operation.action = large && i == 0 ? Action::kPutLarge : DrawAction(random);
        for (uint32_t* argument : {&operation.a, &operation.b, &operation.c, &operation.d})
            *argument = static_cast<uint32_t>(random() % 12);
        if (random() % cut_in == 0 || operation.action == Action::kNothing) {
            do {
                operation.cuts.push_back(DrawCut(random));
            } while (random() % 3 == 0);
        }
        sequence.push_back(std::move(operation));
    }
    return sequence;
}

std::vector<Operation> Shrink(std::vector<Operation> sequence,
                              const std::function<bool(const std::vector<Operation>&)>& fails,
                              int attempts) {
    const auto try_instead = [&](std::vector<Operation> candidate) {
        if (attempts <= 0) return false;
        --attempts;
        if (!fails(candidate)) return false;
        sequence = std::move(candidate);
        return true;
    };
    // Ever smaller runs of operations, until no single one can be left out.
    for (size_t run = std::max<size_t>(1, sequence.size() / 2); run > 0;) {
        bool shorter = false;
        for (size_t begin = 0; begin + run <= sequence.size();) {
            std::vector<Operation> without = sequence;
            const auto first = without.begin() + static_cast<ptrdiff_t>(begin);
            without.erase(first, first + static_cast<ptrdiff_t>(run));
            const bool left_out = try_instead(std::move(without));
            shorter = shorter || left_out;
            if (!left_out) begin += run;
        }
        if (!shorter || run > 1) run /= 2;
    }
    for (size_t i = 0; i < sequence.size(); ++i) {
        while (!sequence[i].cuts.empty()) {
            std::vector<Operation> simpler = sequence;
            simpler[i].cuts.pop_back();
            if (!try_instead(std::move(simpler))) break;
        }
        for (uint32_t Operation::* argument :
             {&Operation::a, &Operation::b, &Operation::c, &Operation::d}) {
            if (sequence[i].*argument == 0) continue;
            std::vector<Operation> simpler = sequence;
            simpler[i].*argument = 0;
            try_instead(std::move(simpler));
        }
    }
    return sequence;
}

}  // namespace coffer::testing
