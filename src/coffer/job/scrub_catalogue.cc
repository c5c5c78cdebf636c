// ScrubPass: the catalogue against itself, its rows and what it counts.

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "coffer/catalog/references.h"
#include "coffer/catalog/verify.h"
#include "coffer/job/scrub_pass.h"
#include "coffer/service/reclaimer.h"

namespace coffer::job {
namespace {

using catalog::BlobId;

constexpr size_t kWindow = 1'000'000;  // blobs whose references are counted at once

}  // namespace

Task<Result<>> ScrubPass::CheckCatalogue() {
    CO_TRY(const catalog::Verified verified, co_await catalog::Verify(core_.database));
    report_.rows = verified.rows;
    if (verified.damaged_rows > 0) {
        report_.catalogue += verified.damaged_rows;
        report_.Add(AboutCatalogue(fmt::format(
            "{} of {} rows do not match their checksums; the log of who scrubs names each",
            verified.damaged_rows, verified.rows)));
    }
    for (const std::string& wrong : verified.structure)
        Find(AboutCatalogue(wrong), &ScrubReport::catalogue);
    CO_TRY(const catalog::BlobTotals totals,
           co_await core_.database.Read(
               db::Cost::kScan, [](db::Transaction& tx) { return catalog::CountBlobs(tx); }));
    report_.total_copies = totals.blobs;
    report_.total_bytes = totals.bytes;
    Enter(ScrubPhase::kReferences);
    co_return Ok();
}

Task<Result<>> ScrubPass::CheckReferences() {
    while (!control_.interrupt) {
        co_await GiveWay();
        CO_TRY(const catalog::ReferenceCheck check,
               co_await core_.database.Read(db::Cost::kScan, [&](db::Transaction& tx) {
                   return catalog::CheckReferences(tx, BlobId(report_.at_blob), kWindow);
               }));
        for (const catalog::WrongReferences& wrong : check.wrong) {
            Finding finding{.what = "references", .blob_id = wrong.blob.value()};
            finding.detail = fmt::format("blob {} counts {} references, and {} name it",
                                         wrong.blob.value(), wrong.stored, wrong.counted);
            if (mends()) {
                const Result<> corrected = co_await core_.database.Write(
                    [&](db::Transaction& tx) { return catalog::CorrectReferences(tx, wrong); });
                CO_TRY(NoteCorrection(corrected, finding));
            }
            Find(std::move(finding), &ScrubReport::references);
        }
        for (const BlobId blob : check.unknown) {
            Finding finding{.what = "unknown-blob", .blob_id = blob.value()};
            finding.detail =
                fmt::format("blob {} is named, and not in the catalogue", blob.value());
            Find(std::move(finding), &ScrubReport::catalogue);
        }
        for (const BlobId blob : check.without_copy) {
            Finding finding{.what = "no-copy", .blob_id = blob.value()};
            finding.detail = fmt::format("blob {} has no copy on any store", blob.value());
            Find(std::move(finding), &ScrubReport::missing);
        }
        if (check.end) {
            CO_TRY(co_await CheckUsage());
            core_.reclaimer.Wake();
            Enter(ScrubPhase::kCopies);
            co_return Ok();
        }
        report_.at_blob = check.last.value();
        CO_TRY(co_await Save());
    }
    co_return Ok();
}

Task<Result<>> ScrubPass::CheckUsage() {
    CO_TRY(const std::vector<catalog::UsageRow> all,
           co_await core_.database.Read(
               db::Cost::kScan, [](db::Transaction& tx) { return catalog::CheckUsage(tx); }));
    for (const catalog::UsageRow& wrong : all) {
        Finding finding{.what = "usage"};
        finding.detail =
            fmt::format("the usage of bucket {} is short of {} versions, {} markers, {} bytes",
                        wrong.bucket.value(), wrong.versions, wrong.delete_markers, wrong.bytes);
        if (mends()) {
            const Result<> corrected = co_await core_.database.Write(
                [&](db::Transaction& tx) { return catalog::AddUsage(tx, wrong); });
            CO_TRY(NoteCorrection(corrected, finding));
        }
        Find(std::move(finding), &ScrubReport::usage);
    }
    co_return Ok();
}

Result<> ScrubPass::NoteCorrection(const Result<>& corrected, Finding& finding) {
    if (corrected) {
        finding.done = "corrected";
        ++report_.corrected;
        return Ok();
    }
    if (!IsOfOne(corrected.error())) return corrected.error();
    finding.detail += "; it can't be corrected: " + corrected.error().message();
    return Ok();
}

}  // namespace coffer::job
