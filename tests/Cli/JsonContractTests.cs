using System.Text.Json.Serialization.Metadata;
using Queued.Cli.Output;

namespace Queued.Cli.Tests;

/// <summary>The fields of --json are a promise: each one is in docs/cli.md.</summary>
public sealed class JsonContractTests
{
    public static TheoryData<string> Records() =>
    [
        nameof(TaskRecord), nameof(OutcomeRecord), nameof(ExecRecord), nameof(ExecResultRecord), nameof(PayloadRecord),
        nameof(FailureRecord), nameof(AttemptRecord), nameof(SubmitRecord), nameof(MapRecord), nameof(LogRecord),
        nameof(QueueRecord), nameof(MessageRecord), nameof(PutRecord), nameof(WorkerRecord), nameof(SegmentRecord),
        nameof(StatusRecord), nameof(ErrorRecord), nameof(StateRecord), nameof(GrantRecord), nameof(LockRecord),
        nameof(ContentRecord), nameof(PipeRecord), nameof(PipeEndRecord),
    ];

    [Theory]
    [MemberData(nameof(Records))]
    public void Every_field_is_documented(string record)
    {
        Type type = typeof(TaskRecord).Assembly.GetType($"Queued.Cli.Output.{record}", throwOnError: true)!;
        JsonTypeInfo info = CliJson.Default.GetTypeInfo(type)!;
        Assert.NotEmpty(info.Properties);
        Assert.All(info.Properties, field =>
            Assert.Contains($"`{field.Name}`", DocumentationTests.Page, StringComparison.Ordinal));
    }
}
