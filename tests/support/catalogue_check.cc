#include "tests/support/catalogue_check.h"

#include <fmt/format.h>

#include <array>

namespace coffer::testing {
namespace {

// Each finds rows that should not be: a text for each.
constexpr std::array<std::string_view, 6> kQuestions = {
    // A blob is referred to by versions of one blob and by extents.
    R"sql(
SELECT 'blob ' || id || ' counts ' || reference_count || ' references and has ' || found FROM (
    SELECT id, reference_count,
           (SELECT count(*) FROM versions WHERE blob_id = blobs.id) +
           (SELECT count(*) FROM extents WHERE blob_id = blobs.id) AS found
    FROM blobs) WHERE reference_count <> found)sql",
    R"sql(
SELECT 'blob ' || id || ' has no copy' FROM blobs
WHERE NOT EXISTS (SELECT 1 FROM copies WHERE blob_id = blobs.id))sql",
    R"sql(
SELECT 'a copy is of blob ' || blob_id || ', which is not there' FROM copies
WHERE NOT EXISTS (SELECT 1 FROM blobs WHERE id = blob_id))sql",
    R"sql(
SELECT 'blob ' || id || ' is referred to, and its copy is to be removed' FROM blobs
JOIN copies ON blob_id = id WHERE reference_count > 0 AND state = 1)sql",
    R"sql(
SELECT 'content ' || content_id || ' is nobody''s' FROM (SELECT DISTINCT content_id FROM parts) p
WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.content_id = p.content_id)
  AND NOT EXISTS (SELECT 1 FROM uploads u WHERE u.id = p.content_id))sql",
    R"sql(
SELECT 'bucket ' || id || ' counts ' || counted || ' and holds ' || held FROM (
    SELECT id,
           (SELECT coalesce(sum(version_count), 0) || ' versions of ' ||
                   coalesce(sum(total_bytes), 0) || ' bytes' FROM usage WHERE bucket_id = id) counted,
           (SELECT count(*) || ' versions of ' || coalesce(sum(size_bytes), 0) || ' bytes'
            FROM versions WHERE bucket_id = id AND delete_marker = 0) held
    FROM buckets) WHERE counted <> held)sql",
};

}  // namespace

std::vector<std::string> CatalogueProblems(db::Database& database) {
    std::vector<std::string> problems;
    const auto asked = database.ReadBlocking([&](db::Transaction& tx) -> Result<> {
        for (const std::string_view question : kQuestions) {
            TRY(tx.Query(question, {}, [&](const db::Row& row) {
                problems.emplace_back(row.Text(0));
                return true;
            }));
        }
        return Ok();
    });
    if (!asked) problems.push_back("asking: " + asked.error().ToString());
    return problems;
}

}  // namespace coffer::testing
