#include "coffer/os/memory_node.h"

#include <algorithm>
#include <random>
#include <utility>

namespace coffer::os::memory {
namespace {

constexpr size_t kSectorBytes = 512;

void CopyInto(Bytes& data, uint64_t offset, ByteView from) {
    if (data.size() < offset + from.size()) data.resize(offset + from.size());
    std::copy(from.begin(), from.end(), data.begin() + static_cast<ptrdiff_t>(offset));
}

void Apply(const PendingChange& change, Bytes& data) {
    if (const auto* write = std::get_if<PendingWrite>(&change)) {
        CopyInto(data, write->offset, write->data);
    } else {
        data.resize(std::get<PendingTruncate>(change).size_bytes);
    }
}

bool Toss(std::mt19937_64& random) {
    return (random() & 1) != 0;
}

void KeepSomeOf(const PendingWrite& write, Bytes& data, std::mt19937_64& random) {
    const ByteView bytes = write.data;
    for (size_t at = 0; at < bytes.size();) {
        const size_t to_sector_end = kSectorBytes - (write.offset + at) % kSectorBytes;
        const size_t length = std::min(to_sector_end, bytes.size() - at);
        if (Toss(random)) CopyInto(data, write.offset + at, bytes.subspan(at, length));
        at += length;
    }
}

// `random`: null where nothing survives that was not synced.
FileBytes SurvivingBytes(const Node& file, std::mt19937_64* random) {
    FileBytes data = file.durable_data;
    if (random == nullptr) return data;
    for (const PendingChange& change : file.pending) {
        if (const auto* write = std::get_if<PendingWrite>(&change)) {
            KeepSomeOf(*write, data.Change(), *random);
        } else if (Toss(*random)) {
            data.Change().resize(std::get<PendingTruncate>(change).size_bytes);
        }
    }
    return data;
}

std::map<std::string, NodePointer> SurvivingNames(const Node& directory, std::mt19937_64* random) {
    std::map<std::string, NodePointer> names = directory.durable_names;
    if (random == nullptr) return names;
    for (const auto& [name, history] : directory.pending_names) {
        const size_t kept = (*random)() % (history.size() + 1);  // 0: none of it
        if (kept == 0) continue;
        if (history[kept - 1] == nullptr) {
            names.erase(name);
        } else {
            names[name] = history[kept - 1];
        }
    }
    return names;
}

using Copies = std::map<const Node*, NodePointer>;  // made before: a node may have two names

// A copy of `node` and all below it, as it is.
NodePointer TwinOf(const NodePointer& node, Copies& copies) {
    if (node == nullptr) return nullptr;
    if (const auto known = copies.find(node.get()); known != copies.end()) return known->second;
    const NodePointer made = copies[node.get()] = std::make_shared<Node>(*node);
    for (auto& [name, child] : made->names)
        child = TwinOf(child, copies);
    for (auto& [name, child] : made->durable_names)
        child = TwinOf(child, copies);
    for (auto& [name, history] : made->pending_names) {
        for (NodePointer& child : history)
            child = TwinOf(child, copies);
    }
    return made;
}

// A copy of what survives of `node` and all below it.
NodePointer SurvivorOf(const NodePointer& node, std::mt19937_64* random, Copies& copies) {
    NodePointer& copy = copies[node.get()];
    if (copy != nullptr) return copy;
    copy = std::make_shared<Node>();
    const NodePointer made = copy;  // the reference does not outlast the recursion
    made->kind = node->kind;
    made->modified = node->modified;
    made->data = made->durable_data = SurvivingBytes(*node, random);
    for (const auto& [name, child] : SurvivingNames(*node, random)) {
        made->names[name] = SurvivorOf(child, random, copies);
    }
    made->durable_names = made->names;
    return made;
}

}  // namespace

void Node::Write(uint64_t offset, ByteView bytes) {
    CopyInto(data.Change(), offset, bytes);
    pending.push_back(PendingWrite{offset, Bytes(bytes.begin(), bytes.end())});
}

void Node::Truncate(uint64_t size_bytes) {
    data.Change().resize(size_bytes);
    pending.push_back(PendingTruncate{size_bytes});
}

void Node::Sync() {
    if (sync_failed) {
        for (const PendingChange& change : pending)
            Apply(change, durable_data.Change());
    } else {
        durable_data = data;
    }
    pending.clear();
}

void Node::SetName(const std::string& name, NodePointer node) {
    pending_names[name].push_back(node);
    if (node == nullptr) {
        names.erase(name);
    } else {
        names[name] = std::move(node);
    }
}

void Node::SyncNames() {
    durable_names = names;
    pending_names.clear();
}

NodePointer Twin(const NodePointer& node) {
    Copies copies;
    return TwinOf(node, copies);
}

NodePointer Survivor(const NodePointer& node, std::optional<uint64_t> seed) {
    std::mt19937_64 random(seed.value_or(0));
    Copies copies;
    return SurvivorOf(node, seed ? &random : nullptr, copies);
}

}  // namespace coffer::os::memory
