using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Memory;

/// <summary>A payload that lies in shared memory and is refused leaves nothing there.</summary>
public sealed class RefusedPayloadTests
{
    private const int Sends = 1000;
    private const int AtOnce = 10;
    private const int SegmentsMax = 40;
    private static readonly TaskPayload Payload = new(new byte[100 * 1024]);

    [Theory]
    [InlineData("full", "QUEUE_FULL")]
    [InlineData("priority", "INVALID_REQUEST")]
    [InlineData("missing", "QUEUE_NOT_FOUND")]
    [InlineData("messages", "WRONG_KIND")]
    public async Task A_thousand_refused_sends_leave_no_segment(string what, string reason)
    {
        // What is not freed at once takes the room of the next, which is too long to go in a message.
        await using var daemon = await FaultDaemon.StartAsync(
            null, "--set", $"limits.segments_max={SegmentsMax}", "--set", "limits.payload_bytes_max=64KiB");
        var options = await OptionsAsync(daemon, what);
        for (var sent = 0; sent < Sends; sent += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
            {
                var refused = await Assert.ThrowsAnyAsync<QueuedException>(
                    () => daemon.Client.SubmitAsync("any", Payload, options));
                Assert.Equal(reason, refused.Reason);
            }));
        }

        await Eventually.IsAsync(
            async () => !await daemon.Client.Memory.ListAsync().AnyAsync(), "an end of all segments");
    }

    private static async Task<SubmitOptions> OptionsAsync(FaultDaemon daemon, string what)
    {
        var policy = new QueuePolicy { Durability = Durability.Memory, TasksMax = 1 };
        await daemon.Client.Queues.DeclareAsync("tasks", policy);
        switch (what)
        {
            case "full":
                await daemon.Client.SubmitAsync("any", 1, new SubmitOptions { Queue = "tasks" });
                return new SubmitOptions { Queue = "tasks" };
            case "priority":
                return new SubmitOptions { Queue = "tasks", Priority = 1000 };
            case "messages":
                await daemon.Client.Queue<int>("letters").PutAsync(1);
                return new SubmitOptions { Queue = "letters" };
            default:
                return new SubmitOptions { Queue = "none" };
        }
    }
}
