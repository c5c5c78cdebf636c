// One place of a declaration: something with named members. What is wrong with it is told with
// where it stands.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/result.h"
#include "coffer/codec/json.h"

namespace coffer::app::bootstrap {

// kInvalid: "buckets.photos.quota: <what>".
Error Wrong(std::string_view path, std::string_view what);

// A name that means nothing, as far as it looks like one: who forgets the space behind a colon
// makes a name of a secret.
std::string Shown(std::string_view name);

// A refusal of S3 or IAM, of what stands at `path`.
Error Refused(std::string_view path, const Error& error);

template <class T>
Result<T> At(std::string_view path, Result<T> result) {
    if (result) return result;
    return Refused(path, result.error());
}

// The members outlive it.
class Section {
  public:
    // Nothing, as YAML has it where a name stands alone, has no members. kInvalid where there is
    // another name than these.
    static Result<Section> Of(const codec::JsonValue& value, std::string path,
                              std::initializer_list<std::string_view> names);

    // With any names.
    static Result<Section> OfAny(const codec::JsonValue& value, std::string path) {
        return Of(value, std::move(path), {});
    }

    const codec::JsonValue::Object& members() const { return *members_; }

    // Null where it is not there.
    const codec::JsonValue* Find(std::string_view name) const;

    std::string PathOf(std::string_view name) const;

    // A number counts as the text that it was written as.
    Result<std::optional<std::string>> Text(std::string_view name) const;

    Result<std::optional<bool>> Switch(std::string_view name) const;

    // In the order of their names, each once.
    Result<std::optional<std::vector<std::string>>> Names(std::string_view name) const;

  private:
    Section(const codec::JsonValue::Object& members, std::string path)
        : members_(&members), path_(std::move(path)) {}

    const codec::JsonValue::Object* members_;
    std::string path_;
};

// A policy as its members, or as the text of one.
Result<std::string> ReadPolicyText(const codec::JsonValue& value, const std::string& path);

}  // namespace coffer::app::bootstrap
