using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Queued.Cli.Output;

/// <summary>Every record that is ever printed. Names in snake_case; what is not known is left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TaskRecord))]
[JsonSerializable(typeof(QueueRecord))]
[JsonSerializable(typeof(PoolRecord))]
[JsonSerializable(typeof(WorkerRecord))]
[JsonSerializable(typeof(SegmentRecord))]
[JsonSerializable(typeof(PipeRecord))]
[JsonSerializable(typeof(StatusRecord))]
[JsonSerializable(typeof(StateRecord))]
[JsonSerializable(typeof(LockRecord))]
[JsonSerializable(typeof(ContentRecord))]
[JsonSerializable(typeof(BackupRecord))]
[JsonSerializable(typeof(SubmitRecord))]
[JsonSerializable(typeof(ExecRecord))]
[JsonSerializable(typeof(MapRecord))]
[JsonSerializable(typeof(LogRecord))]
[JsonSerializable(typeof(PurgeRecord))]
[JsonSerializable(typeof(MessageRecord))]
[JsonSerializable(typeof(PutRecord))]
[JsonSerializable(typeof(DeletedRecord))]
[JsonSerializable(typeof(OutcomeRecord))]
[JsonSerializable(typeof(ErrorLine))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>
    /// For output: letters of every script stay as they are. (The strict encoder guards JSON inside HTML, which this is
    /// not; what a terminal would obey is taken out where the output is a terminal.)
    /// </summary>
    public static CliJson Readable =>
        field ??= new(new JsonSerializerOptions(Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
}
