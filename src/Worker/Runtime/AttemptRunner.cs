using System.Collections.Frozen;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Queued.Protocol.V1;
using Queued.Worker.Handlers;
using Queued.Worker.Memory;

namespace Queued.Worker.Runtime;

/// <summary>How an attempt ended.</summary>
/// <param name="Result">Its result, where it succeeded with one that is not in a segment.</param>
/// <param name="Settlement">Null: it did. Otherwise all there is to say.</param>
internal readonly record struct AttemptEnd(TaskPayload Result, Settlement? Settlement);

/// <summary>Calls the handler of one attempt and says how it ended.</summary>
internal sealed class AttemptRunner(FrozenDictionary<string, Invoker> handlers, IServiceScopeFactory? scopes)
{
    internal static readonly ActivitySource Activities = new("Queued.Worker");

    internal IEnumerable<string> HandlerNames => handlers.Keys.Order(StringComparer.Ordinal);

    /// <summary>Never fails: whatever is thrown, by the handler or after it, is how the attempt ended.</summary>
    internal async ValueTask<AttemptEnd> RunAsync(
        Attempt attempt, ulong payloadBytesMax, PayloadSegments? segments)
    {
        try
        {
            return await RunTracedAsync(attempt, payloadBytesMax, segments).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Thrown by what the program put around its handlers: a console of its own, a listener of activities.
            var settlement = NewSettlement(attempt);
            settlement.Failed = ToFailure(error, attempt);
            return new AttemptEnd(default, settlement);
        }
    }

    private async ValueTask<AttemptEnd> RunTracedAsync(
        Attempt attempt, ulong payloadBytesMax, PayloadSegments? segments)
    {
        using var activity = StartActivity(attempt);
        AttemptEnd end;
        try
        {
            end = await InvokeAsync(attempt, payloadBytesMax, segments).ConfigureAwait(false);
        }
        catch (TaskSnoozedException snoozed)
        {
            var settlement = NewSettlement(attempt);
            settlement.Snoozed = new Snoozed { Delay = Duration.FromTimeSpan(snoozed.Delay) };
            end = new AttemptEnd(default, settlement);
        }
        catch (Exception error)
        {
            var settlement = NewSettlement(attempt);
            settlement.Failed = ToFailure(error, attempt);
            end = new AttemptEnd(default, settlement);
            activity?.SetStatus(ActivityStatusCode.Error, settlement.Failed.Message);
            activity?.SetTag("error.type", settlement.Failed.ErrorType);
        }

        // The daemon reads the attempt's output before it takes the settlement, so nothing may be left in a buffer
        // here.
        Flush(Console.Out);
        Flush(Console.Error);
        return end;
    }

    private static Settlement NewSettlement(Attempt attempt) =>
        new() { TaskId = attempt.Id.Task, Attempt = attempt.Id.Attempt };

    private async ValueTask<AttemptEnd> InvokeAsync(Attempt attempt, ulong payloadBytesMax, PayloadSegments? segments)
    {
        var input = attempt.Input;
        if (!handlers.TryGetValue(attempt.Target.Handler, out var invoke))
            throw NoSuchHandler(attempt.Target.Handler);
        var context = new TaskContext(attempt);
        TaskContext.Current = context;
        var services = new AttemptServices(scopes);
        // Until the result is elsewhere: it may be made of the payload's own bytes.
        using var shared = Open(input.Segment, segments);
        TaskPayload result;
        await using (services.ConfigureAwait(false))
        {
            var payload = new TaskPayload(shared?.Memory ?? input.Data, input.ContentType);
            result = await invoke(services, payload, context).ConfigureAwait(false);
        }

        return await ToEndAsync(attempt, result, payloadBytesMax, segments, shared).ConfigureAwait(false);
    }

    private static SegmentRangeMemory? Open(SegmentRange? range, PayloadSegments? segments)
    {
        if (range is null)
            return null;
        try
        {
            return segments?.Reader.Open(range)
                ?? throw new IOException("this worker has not said that it maps segments.");
        }
        catch (IOException error)
        {
            throw new TaskRejectedException($"The payload cannot be read from shared memory: {error.Message}", error);
        }
    }

    private static async ValueTask<AttemptEnd> ToEndAsync(
        Attempt attempt,
        TaskPayload result,
        ulong payloadBytesMax,
        PayloadSegments? segments,
        SegmentRangeMemory? payload)
    {
        if (result.Data.Length > SegmentWriter.InlineBytesMax && segments is not null)
        {
            // The task holds the segment of its result, whoever made it: the payload's is as good as one of ours.
            var range = payload?.Find(result.Data)
                ?? await segments.Writer.WriteAsync(result.Data, CancellationToken.None).ConfigureAwait(false);
            if (range is not null)
            {
                var settlement = NewSettlement(attempt);
                settlement.Succeeded = new Payload { Segment = range, ContentType = result.ContentType };
                return new AttemptEnd(default, settlement);
            }
        }

        if ((ulong)result.Data.Length > payloadBytesMax)
        {
            throw new NonRetryableException(
                $"The result has {result.Data.Length} bytes; at most {payloadBytesMax} are allowed in a message, and "
                + (segments is null
                    ? "this worker does not share memory with the daemon."
                    : $"there is no shared memory for it: {segments.Writer.Obstacle}"));
        }

        // A segment is gone when this returns, and the message is not sent by then.
        var data = MemoryMarshal.TryGetArray(result.Data, out _) ? result.Data : result.Data.ToArray();
        return new AttemptEnd(new TaskPayload(data, result.ContentType), null);
    }

    private TaskRejectedException NoSuchHandler(string name) =>
        new($"There is no handler '{name}' here, only {string.Join(", ", HandlerNames)}.");

    private static Failure ToFailure(Exception error, Attempt attempt)
    {
        var type = error.GetType().FullName ?? error.GetType().Name;
        return new Failure
        {
            Kind = error switch
            {
                TaskRejectedException => FailureKind.Rejected,
                OperationCanceledException when attempt.CancelReason != CancelReason.None => FailureKind.Cancelled,
                _ => FailureKind.Error,
            },
            NonRetryable = error is NonRetryableException,
            Message = WireText.Cut(Told(() => error.Message), WireText.MessageBytesMax),
            ErrorType = type.Length <= WireText.ErrorTypeCharsMax ? type : type[..WireText.ErrorTypeCharsMax],
            Detail = WireText.Cut(Told(error.ToString), WireText.DetailBytesMax),
        };
    }

    // An exception of the program's own may override what is said of it, and throw there.
    private static string Told(Func<string?> tell)
    {
        try
        {
            return tell() ?? "";
        }
        catch (Exception error)
        {
            return $"(The exception's own text cannot be read: it threw {error.GetType()}.)";
        }
    }

    private static void Flush(TextWriter output)
    {
        try
        {
            output.Flush();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // Nobody reads the output any more, or the handler has closed it. That is no reason to lose the result.
        }
    }

    private static Activity? StartActivity(Attempt attempt)
    {
        if (!Activities.HasListeners())
            return null;
        var target = attempt.Target;
        ActivityContext.TryParse(target.Traceparent, target.Tracestate, isRemote: true, out var parent);
        var activity = Activities.StartActivity($"process {target.Queue}", ActivityKind.Consumer, parent);
        activity?.SetTag("messaging.system", "queued");
        activity?.SetTag("messaging.operation.type", "process");
        activity?.SetTag("messaging.destination.name", target.Queue);
        activity?.SetTag("messaging.message.id", attempt.Id.Task);
        activity?.SetTag("queued.handler", target.Handler);
        activity?.SetTag("queued.attempt", attempt.Id.Attempt);
        return activity;
    }
}
