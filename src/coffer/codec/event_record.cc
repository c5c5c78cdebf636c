#include "coffer/codec/event_record.h"

#include <fmt/format.h>

#include "coffer/codec/date.h"
#include "coffer/codec/json.h"
#include "coffer/codec/uri.h"

namespace coffer::codec {
namespace {

// An object of JSON, member by member.
class Members {
  public:
    explicit Members(std::string* out) : out_(*out) { out_ += '{'; }

    Members& Text(std::string_view name, std::string_view value) {
        Name(name);
        AppendJsonString(&out_, value);
        return *this;
    }
    Members& Number(std::string_view name, uint64_t value) {
        Name(name);
        out_ += std::to_string(value);
        return *this;
    }
    Members Object(std::string_view name) {
        Name(name);
        return Members(&out_);
    }
    void Name(std::string_view name) {
        if (out_.back() != '{') out_ += ',';
        AppendJsonString(&out_, name);
        out_ += ':';
    }
    void End() { out_ += '}'; }

  private:
    std::string& out_;
};

std::string FormEncode(std::string_view key) {
    std::string encoded;
    for (const char c : PercentEncode(key)) {
        encoded += c;
        if (encoded.ends_with("%20")) encoded.replace(encoded.size() - 3, 3, "+");
    }
    return encoded;
}

void AppendObject(Members s3, const EventRecord& record, std::string_view key) {
    Members object = s3.Object("object");
    object.Text("key", key);
    if (record.object) {
        object.Number("size", record.object->size_bytes)
            .Text("eTag", record.object->etag)
            .Text("contentType", record.object->content_type);
        Members metadata = object.Object("userMetadata");
        for (const auto& [name, value] : record.object->metadata)
            metadata.Text("X-Amz-Meta-" + name, value);
        metadata.End();
    }
    if (!record.version_id.empty()) object.Text("versionId", record.version_id);
    object.Text("sequencer", fmt::format("{:016X}", record.sequence)).End();
}

void AppendRecord(std::string* out, const EventRecord& record, std::string_view key) {
    Members whole(out);
    whole.Text("eventVersion", "2.0")
        .Text("eventSource", "minio:s3")
        .Text("awsRegion", record.region)
        .Text("eventTime", FormatIso8601(record.time))
        .Text("eventName", record.name);
    whole.Object("userIdentity").Text("principalId", record.principal).End();
    whole.Object("requestParameters")
        .Text("principalId", record.principal)
        .Text("region", record.region)
        .Text("sourceIPAddress", record.address)
        .End();
    whole.Object("responseElements")
        .Text("x-amz-id-2", record.host_id)
        .Text("x-amz-request-id", record.request_id)
        .End();
    Members s3 = whole.Object("s3");
    s3.Text("s3SchemaVersion", "1.0").Text("configurationId", record.rule_id);
    Members bucket = s3.Object("bucket");
    bucket.Text("name", record.bucket);
    bucket.Object("ownerIdentity").Text("principalId", record.owner).End();
    bucket.Text("arn", fmt::format("arn:aws:s3:::{}", record.bucket)).End();
    AppendObject(s3, record, key);
    s3.End();
    whole.Object("source")
        .Text("host", record.address)
        .Text("port", "")
        .Text("userAgent", record.user_agent)
        .End();
    whole.End();
}

}  // namespace

std::string WriteWebhookEvent(const EventRecord& record) {
    std::string out;
    Members envelope(&out);
    envelope.Text("EventName", record.name)
        .Text("Key", fmt::format("{}/{}", record.bucket, record.key))
        .Name("Records");
    out += '[';
    AppendRecord(&out, record, FormEncode(record.key));
    out += ']';
    envelope.End();
    return out;
}

std::string WriteListenedEvent(const EventRecord& record) {
    std::string out;
    Members envelope(&out);
    envelope.Name("Records");
    out += '[';
    AppendRecord(&out, record, record.key);
    out += ']';
    envelope.End();
    return out;
}

}  // namespace coffer::codec
