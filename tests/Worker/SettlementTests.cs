using System.Text;
using Queued.Protocol.V1;

namespace Queued.Worker.Tests;

public sealed class SettlementTests : IAsyncLifetime
{
    private ScriptedDaemon _daemon = null!;
    private WorkerUnderTest _worker = null!;
    private ScriptedStream _stream = null!;

    public async Task InitializeAsync()
    {
        _daemon = await ScriptedDaemon.StartAsync();
        _worker = WorkerUnderTest.Start(_daemon, worker => worker
            .Handle("square", (int x) => x * x)
            .Handle("greet", async (Person person) =>
            {
                await Task.Yield();
                return new Greeting($"Hello {person.Name}");
            })
            .Handle("note", async (string _) => await Task.Yield())
            .Handle<int, int>("fail", Fail)
            .Handle("fail-for-good", int (int _) => throw new NonRetryableException("Never."))
            .Handle("reject", int (int _) => throw new TaskRejectedException("Not that."))
            .Handle("fail-unspeakably", int (int _) => throw new UnspeakableException())
            .Handle("close-output", (int x) =>
            {
                Console.SetOut(new ClosedWriter());
                return x;
            })
            .Handle("give-up", int (int _) => throw new OperationCanceledException("Of its own accord."))
            .Handle("later", (int minutes, TaskContext task) =>
            {
                task.Snooze(TimeSpan.FromMinutes(minutes));
                return 0;
            })
            .HandleRaw("reverse", (payload, _) =>
            {
                var bytes = payload.Data.ToArray();
                Array.Reverse(bytes);
                return Task.FromResult(new TaskPayload(bytes, "text/" + payload.ContentType));
            })
            .HandleRaw("large", (_, _) => Task.FromResult(new TaskPayload(new byte[1001]))));
        _stream = await _daemon.AcceptAsync();
        await _stream.WelcomeAsync(payloadBytesMax: 1000);
    }

    public async Task DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _daemon.DisposeAsync();
    }

    [Fact]
    public async Task A_result_is_written_as_json()
    {
        var settlement = await RunAsync("square", "12");
        Assert.Equal(1u, settlement.Attempt);
        Assert.Equal("144", settlement.Succeeded.Data.ToStringUtf8());
        Assert.Equal("application/json", settlement.Succeeded.ContentType);
    }

    [Fact]
    public async Task An_asynchronous_handler_reads_and_writes_objects()
    {
        var settlement = await RunAsync("greet", """{"name":"Ada"}""");
        Assert.Equal("""{"text":"Hello Ada"}""", settlement.Succeeded.Data.ToStringUtf8());
    }

    [Fact]
    public async Task A_handler_without_a_result_returns_null() =>
        Assert.Equal("null", (await RunAsync("note", "\"x\"")).Succeeded.Data.ToStringUtf8());

    [Fact]
    public async Task A_raw_handler_gets_and_returns_bytes_and_their_type()
    {
        var assignment = ScriptedStream.Assignment("reverse", 7, "abc");
        assignment.Payloads.ContentType = "plain";
        await _stream.SendAsync(new WorkResponse { Assignments = { assignment } });
        var settlement = await _stream.SettlementAsync(7);
        Assert.Equal("cba", settlement.Succeeded.Data.ToStringUtf8());
        Assert.Equal("text/plain", settlement.Succeeded.ContentType);
    }

    [Fact]
    public async Task An_exception_is_an_error_with_type_message_and_stack()
    {
        var failure = (await RunAsync("fail", "1")).Failed;
        Assert.Equal(FailureKind.Error, failure.Kind);
        Assert.Equal("System.InvalidOperationException", failure.ErrorType);
        Assert.Equal("It broke.", failure.Message);
        Assert.Contains(nameof(Fail), failure.Detail, StringComparison.Ordinal);
        Assert.False(failure.NonRetryable);
    }

    [Fact]
    public async Task Long_texts_of_an_exception_are_cut()
    {
        var failure = (await RunAsync("fail", "100000")).Failed;
        Assert.InRange(Encoding.UTF8.GetByteCount(failure.Message), 4000, 4096);
        Assert.InRange(Encoding.UTF8.GetByteCount(failure.Detail), 32000, 32768);
    }

    [Fact]
    public async Task An_exception_that_cannot_be_told_fails_its_attempt_all_the_same()
    {
        var failure = (await RunAsync("fail-unspeakably", "1")).Failed;
        Assert.Equal(FailureKind.Error, failure.Kind);
        Assert.Equal(typeof(UnspeakableException).FullName, failure.ErrorType);
        Assert.Contains("System.NotSupportedException", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_closes_standard_output_keeps_its_result()
    {
        var output = Console.Out;
        try
        {
            Assert.Equal("5", (await RunAsync("close-output", "5")).Succeeded.Data.ToStringUtf8());
        }
        finally
        {
            Console.SetOut(output);
        }
    }

    [Fact]
    public async Task A_non_retryable_exception_says_so()
    {
        var failure = (await RunAsync("fail-for-good", "1")).Failed;
        Assert.Equal(FailureKind.Error, failure.Kind);
        Assert.True(failure.NonRetryable);
    }

    [Fact]
    public async Task A_rejected_task_has_its_own_kind()
    {
        var failure = (await RunAsync("reject", "1")).Failed;
        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Equal("Not that.", failure.Message);
    }

    [Fact]
    public async Task A_handler_that_cancels_itself_has_failed() =>
        Assert.Equal(FailureKind.Error, (await RunAsync("give-up", "1")).Failed.Kind);

    [Fact]
    public async Task A_snoozed_task_comes_back_after_its_delay() =>
        Assert.Equal(TimeSpan.FromMinutes(5), (await RunAsync("later", "5")).Snoozed.Delay.ToTimeSpan());

    [Fact]
    public async Task A_snooze_out_of_range_is_an_error() =>
        Assert.Equal("System.ArgumentOutOfRangeException", (await RunAsync("later", "-5")).Failed.ErrorType);

    [Fact]
    public async Task An_unknown_handler_is_rejected_with_the_names_on_offer()
    {
        var failure = (await RunAsync("cube", "1")).Failed;
        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Contains("'cube'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("reverse, square", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("\"twelve\"")]
    public async Task A_payload_that_cannot_be_read_is_rejected(string json)
    {
        var failure = (await RunAsync("square", json)).Failed;
        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Contains("System.Int32", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payload_of_another_type_is_rejected_by_a_typed_handler()
    {
        var assignment = ScriptedStream.Assignment("square", 7, "1");
        assignment.Payloads.ContentType = "image/png";
        await _stream.SendAsync(new WorkResponse { Assignments = { assignment } });
        Assert.Equal(FailureKind.Rejected, (await _stream.SettlementAsync(7)).Failed.Kind);
    }

    [Fact]
    public async Task A_result_over_the_limit_fails_for_good_and_names_the_limit()
    {
        var failure = (await RunAsync("large", "1")).Failed;
        Assert.True(failure.NonRetryable);
        Assert.Contains("1001", failure.Message, StringComparison.Ordinal);
        Assert.Contains("1000", failure.Message, StringComparison.Ordinal);
    }

    private async Task<Settlement> RunAsync(string handler, string json)
    {
        await _stream.AssignAsync(handler, (1, json));
        return await _stream.SettlementAsync(1);
    }

    private static int Fail(int length) =>
        throw new InvalidOperationException(length == 1 ? "It broke." : new string('ü', length));

    private sealed class UnspeakableException : Exception
    {
        public override string Message => throw new NotSupportedException();

        public override string ToString() => throw new NotSupportedException();
    }

    private sealed class ClosedWriter : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Flush() => throw new ObjectDisposedException(nameof(ClosedWriter));
    }

    internal sealed record Person(string Name);

    internal sealed record Greeting(string Text);
}
