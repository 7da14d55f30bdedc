using Queued.Protocol.V1;

namespace Queued.Client.Tests;

/// <summary>Callers whom one message of the daemon wakes.</summary>
public sealed class WakeTests
{
    private const int Lanes = 8;

    /// <summary>Where they go on quickly, as they do but for the first times.</summary>
    [Fact]
    public async Task What_those_submit_who_were_answered_together_goes_together()
    {
        const int rounds = 50;
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var lanes = Start(async () =>
        {
            for (var round = 0; round < rounds; round++)
                await client.SubmitAsync("h", round).ConfigureAwait(false);
        });
        var stream = await daemon.AcceptAsync();
        for (var round = 0; round < rounds; round++)
            await AckAsync(stream, round * Lanes);
        await lanes.WaitAsync(ScriptedStream.Patience);

        Assert.Contains(stream.Requests, IsWholeRound);
    }

    [Fact]
    public async Task Who_keeps_the_thread_that_woke_him_holds_up_nobody_who_was_woken_with_him()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        using var all = new CountdownEvent(Lanes);
        var lanes = Start(async () =>
        {
            await client.SubmitAsync("h", 1).ConfigureAwait(false);
            var second = client.SubmitAsync("h", 2);
            all.Signal();
            Assert.True(all.Wait(ScriptedStream.Patience), "Some have not gone on.");
            Assert.True(((Task)second).Wait(ScriptedStream.Patience), "Nobody has sent it.");
        });
        var stream = await daemon.AcceptAsync();
        await AckAsync(stream, 0);
        await AckAsync(stream, Lanes);

        await lanes.WaitAsync(ScriptedStream.Patience);

        Assert.Equal(2 * Lanes, stream.Submissions.Count);
    }

    private static Task Start(Func<Task> lane) =>
        Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => Task.Run(lane)));

    /// <summary>That many submissions from there on, with one message.</summary>
    private static async Task AckAsync(ScriptedStream stream, int from)
    {
        await stream.SubmissionAsync(from + Lanes - 1);
        var message = new ConnectResponse { SubmitCredits = Lanes };
        foreach (var submission in stream.Submissions.Skip(from))
            message.Acks.Add(new SubmitAck { Tag = submission.Tag, TaskId = stream.NextTaskId() });
        await stream.SendAsync(message);
    }

    private static bool IsWholeRound(ConnectRequest request)
    {
        var sent = Submission.In(request).Select(submission => submission.Task.Payload.Data.ToStringUtf8()).ToList();
        // Not the first round, whose submits nobody has woken.
        return sent.Count == Lanes && sent[0] != "0" && sent.Distinct().Count() == 1;
    }
}
