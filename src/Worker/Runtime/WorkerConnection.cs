using System.Net.Sockets;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Queued.Protocol.V1;
using Queued.Worker.Connection;

namespace Queued.Worker.Runtime;

/// <summary>One stream to the daemon, from the hello to its end.</summary>
internal sealed partial class WorkerConnection(QueuedWorkerOptions options, AttemptRunner runner, ILogger logger)
{
    internal const uint ProtocolVersion = 1;
    private static readonly TimeSpan WelcomeTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CancelTimeout = TimeSpan.FromSeconds(1);
    private static readonly string Sdk = SdkName();
    private readonly ILogger _logger = logger;

    /// <summary>The daemon answered the hello.</summary>
    internal bool WasWelcomed { get; private set; }

    /// <summary>Called as soon as the connection is gone, before its handlers have ended.</summary>
    internal Action? Lost { get; init; }

    internal async Task<WorkerExit> RunAsync(DaemonAddress address, CancellationToken stop)
    {
        using var channel = DaemonChannel.Open(address);
        using var abort = new CancellationTokenSource();
        var worker = new WorkerService.WorkerServiceClient(DaemonChannel.Invoker(channel, address));
        using var call = worker.Work(cancellationToken: abort.Token);
        Welcome welcome;
        try
        {
            welcome = await GreetAsync(call, stop).ConfigureAwait(false);
        }
        catch (RpcException error)
        {
            return IsRejection(error.StatusCode)
                ? WorkerExit.Rejected($"the daemon at {address} rejected this worker: {error.Status.Detail}")
                : WorkerExit.Lost($"the daemon at {address} cannot be reached: {Reason(error)}");
        }
        catch (TimeoutException)
        {
            return WorkerExit.Lost($"the daemon at {address} did not answer within {WelcomeTimeout.TotalSeconds:0} s.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return WorkerExit.Drained;
        }

        WasWelcomed = true;
        LogWelcomed(welcome.WorkerId, address, welcome.Slots);
        await using var companion = new Companion(address, options.BuildJson);
        using var session = new WorkerSession(runner, welcome, channel, companion, options.Clock, _logger);
        var writing = WriteAsync(session, call.RequestStream, abort.Token);
        var reading = ReadAsync(session, call.ResponseStream, abort.Token);
        try
        {
            return await FinishAsync(session, address, reading, writing, stop).ConfigureAwait(false);
        }
        finally
        {
            session.Stop();
            await abort.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(reading, writing).ConfigureAwait(false);
        }
    }

    private async Task<Welcome> GreetAsync(
        AsyncDuplexStreamingCall<WorkRequest, WorkResponse> call,
        CancellationToken stop)
    {
        var spawned = options.Environment.IsSpawned;
        var hello = new Hello
        {
            ProtocolVersion = ProtocolVersion,
            Slots = (uint)options.Slots,
            Sdk = Sdk,
            ProcessId = (uint)Environment.ProcessId,
            Handlers = { runner.HandlerNames },
        };
        if (spawned)
            (hello.WorkerId, hello.WorkerToken) = (options.Environment.WorkerId, options.Environment.WorkerToken);
        else
            hello.Queues.Add(options.Queues.Count > 0 ? options.Queues : ["default"]);

        // A daemon that refuses may end the call before the hello is written; its answer has the reason then.
        var greeting = call.RequestStream.WriteAsync(new WorkRequest { Hello = hello }, CancellationToken.None);
        var answer = call.ResponseStream.MoveNext(CancellationToken.None);
        if (!await answer.WaitAsync(WelcomeTimeout, options.Clock, stop).ConfigureAwait(false)
            || call.ResponseStream.Current.Welcome is not { } welcome)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "its first message is no welcome."));
        }

        await greeting.ConfigureAwait(false);
        return welcome;
    }

    private async Task<WorkerExit> FinishAsync(
        WorkerSession session,
        DaemonAddress address,
        Task<string> reading,
        Task writing,
        CancellationToken stop)
    {
        using (var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop))
        {
            var stopped = Task.Delay(Timeout.InfiniteTimeSpan, stopping.Token);
            var first = await Task.WhenAny(reading, session.Idle, stopped).ConfigureAwait(false);
            if (first == stopped)
            {
                session.Drain();
                if (!await DrainWithinGraceAsync(session, reading).ConfigureAwait(false))
                    return WorkerExit.Unfinished(session.Running);
            }

            await stopping.CancelAsync().ConfigureAwait(false);
        }

        if (!session.Idle.IsCompleted)
            return await LoseAsync(session, address, await reading.ConfigureAwait(false)).ConfigureAwait(false);

        session.Outbox.Complete();
        await EndsWithinAsync(Task.WhenAll(writing, reading), CloseTimeout).ConfigureAwait(false);
        return session.IsDaemonStopping ? WorkerExit.DaemonStopping : WorkerExit.Drained;
    }

    /// <summary>True: nothing runs any more, or the stream has ended.</summary>
    private async Task<bool> DrainWithinGraceAsync(WorkerSession session, Task reading)
    {
        var over = Task.WhenAny(session.Idle, reading);
        if (await EndsWithinAsync(over, options.ShutdownGrace).ConfigureAwait(false))
            return true;
        session.CancelAll(CancelReason.Shutdown);
        return await EndsWithinAsync(over, CancelTimeout).ConfigureAwait(false);
    }

    private async Task<WorkerExit> LoseAsync(WorkerSession session, DaemonAddress address, string reason)
    {
        Lost?.Invoke();
        session.Lose();
        await EndsWithinAsync(session.Idle, CancelTimeout).ConfigureAwait(false);
        return WorkerExit.Lost($"the connection to the daemon at {address} has ended: {reason}");
    }

    private async Task<bool> EndsWithinAsync(Task task, TimeSpan time)
    {
        try
        {
            await task.WaitAsync(time, options.Clock, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task WriteAsync(
        WorkerSession session,
        IClientStreamWriter<WorkRequest> stream,
        CancellationToken cancellationToken)
    {
        var thread = session.Outbox.Thread;
        try
        {
            while (await session.Outbox.TakeAsync().ConfigureAwait(false) is { } message)
            {
                await thread.ForMessage();
                await thread.Writing(stream.WriteAsync(message.Request, cancellationToken)).ConfigureAwait(false);
                foreach (var sent in message.Sent)
                    sent.TrySetResult();
            }

            await stream.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is RpcException or OperationCanceledException
            or InvalidOperationException or HttpRequestException or IOException)
        {
            // The stream has ended under the write; the reader learns of it too, and why.
            LogWriteFailed(error.Message);
        }
    }

    /// <summary>Reads until the stream ends, and says why it did.</summary>
    private static async Task<string> ReadAsync(
        WorkerSession session,
        IAsyncStreamReader<WorkResponse> stream,
        CancellationToken cancellationToken)
    {
        var wakes = new ReaderWakes();
        try
        {
            while (await wakes.During(stream.MoveNext(cancellationToken)))
                session.Receive(stream.Current, wakes);
            return "the daemon closed it.";
        }
        catch (RpcException error)
        {
            return Reason(error);
        }
        catch (OperationCanceledException error)
        {
            return error.Message;
        }
        finally
        {
            wakes.RunElsewhere();
        }
    }

    // What another attempt to connect would not change.
    private static bool IsRejection(StatusCode code) => code is StatusCode.InvalidArgument or StatusCode.NotFound
        or StatusCode.AlreadyExists or StatusCode.PermissionDenied or StatusCode.Unauthenticated
        or StatusCode.FailedPrecondition or StatusCode.OutOfRange or StatusCode.Unimplemented;

    // The socket knows better than the layers of HTTP above it what is wrong.
    private static string Reason(RpcException error)
    {
        for (var inner = error.Status.DebugException; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket)
                return socket.Message;
        }

        return error.Status.Detail;
    }

    private static string SdkName()
    {
        var version = typeof(WorkerConnection).Assembly.GetName().Version?.ToString(3) ?? "0";
        return $"queued-dotnet/{version}";
    }

    [LoggerMessage(LogLevel.Information, "Worker {WorkerId} is connected to {Address}, slots {Slots}")]
    private partial void LogWelcomed(string workerId, DaemonAddress address, uint slots);

    [LoggerMessage(LogLevel.Debug, "Nothing more can be written: {Reason}")]
    private partial void LogWriteFailed(string reason);
}
