using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Queued.Daemon.Hosting;

namespace Queued.Daemon.Tests.Hosting;

public sealed class PrefaceDeadlineTests
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _input = new();
    private readonly TaskCompletionSource<byte[]> _served = new();
    private readonly Task _guarded;

    public PrefaceDeadlineTests()
    {
        var connection = new DefaultConnectionContext("c1", new Transport(_input.Reader, new Pipe().Writer), null!);
        var guard = new PrefaceDeadline(_time, NullLogger<PrefaceDeadline>.Instance).Guard(ServeAsync);
        _guarded = guard(connection);
    }

    [Fact]
    public async Task Who_says_nothing_is_not_served()
    {
        _time.Advance(PrefaceDeadline.Timeout - TimeSpan.FromTicks(1));
        Assert.False(_guarded.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));

        await _guarded.WaitAsync(Eventually.Deadline);
        Assert.False(_served.Task.IsCompleted);
    }

    [Fact]
    public async Task Who_says_less_than_the_preface_is_not_served()
    {
        await _input.Writer.WriteAsync(Preface.AsMemory(0, Preface.Length - 1));
        _time.Advance(PrefaceDeadline.Timeout);

        await _guarded.WaitAsync(Eventually.Deadline);
        Assert.False(_served.Task.IsCompleted);
    }

    [Fact]
    public async Task Who_goes_without_a_word_is_not_served()
    {
        await _input.Writer.CompleteAsync();

        await _guarded.WaitAsync(Eventually.Deadline);
        Assert.False(_served.Task.IsCompleted);
    }

    [Fact]
    public async Task Who_begins_in_time_is_served_from_the_first_byte_and_for_as_long_as_it_likes()
    {
        foreach (var part in Preface.Chunk(7)) await _input.Writer.WriteAsync(part);

        Assert.Equal(Preface, await _served.Task.WaitAsync(Eventually.Deadline));
        _time.Advance(TimeSpan.FromDays(30));
        Assert.False(_guarded.IsCompleted);
        await _input.Writer.CompleteAsync();
        await _guarded.WaitAsync(Eventually.Deadline);
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        var read = await input.ReadAtLeastAsync(Preface.Length);
        _served.SetResult(System.Buffers.BuffersExtensions.ToArray(read.Buffer));
        input.AdvanceTo(read.Buffer.End);
        while (!(await input.ReadAsync()).IsCompleted)
        {
            // The connection is there until its peer goes.
        }
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
