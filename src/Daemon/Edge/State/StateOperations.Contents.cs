using Queued.Broker;
using Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>What is in shared objects.</summary>
internal static partial class StateOperations
{
    public static readonly Operation<AddCounterRequest, AddCounterResponse> AddCounter = new(
        (request, scope) => new Command.AddCounter(
            scope.Request, scope.Session, request.Name, request.Delta, request.HasSet ? request.Set : null,
            request.HasExpected ? request.Expected : null),
        response => response is Response.CounterRead read
            ? new AddCounterResponse { Value = read.Value, Changed = read.IsChanged }
            : throw Unexpected(response));

    public static readonly Operation<ReadValueRequest, ReadValueResponse> ReadValue = new(
        (request, scope) => new Command.ReadValue(scope.Request, scope.Session, request.Name),
        response => response is Response.ValueRead read
            ? new ReadValueResponse { Payload = ProtoMapping.ToWire(read.Payload), Version = read.Version }
            : throw Unexpected(response));

    public static readonly Operation<WriteValueRequest, WriteValueResponse> WriteValue = new(
        (request, scope) => new Command.WriteValue(
            scope.Request, scope.Session, request.Name, ProtoMapping.FromWire(request.Payload),
            request.HasExpectedVersion ? request.ExpectedVersion : null),
        response => response is Response.ValueWritten written
            ? new WriteValueResponse
            {
                Written = written.IsWritten,
                Version = written.Version,
                Payload = ProtoMapping.ToWire(written.Payload),
            }
            : throw Unexpected(response));

    public static readonly Operation<ReadArrayRequest, ReadArrayResponse> ReadArray = new(
        (request, scope) => new Command.ReadArray(
            scope.Request, scope.Session, request.Name, FieldCheck.Int(request.Start), FieldCheck.Int(request.Count)),
        response => new ReadArrayResponse { Elements = ProtoMapping.ToWire(((Response.ArrayRead)response).Elements) });

    public static readonly Operation<WriteArrayRequest, WriteArrayResponse> WriteArray = new(
        (request, scope) => new Command.WriteArray(
            scope.Request, scope.Session, request.Name, FieldCheck.Int(request.Start), request.Elements.Memory,
            request.Expected.Memory),
        response => new WriteArrayResponse { Written = ((Response.ArrayWritten)response).IsWritten });

    public static readonly Operation<ReadMapRequest, ReadMapResponse> ReadMap = new(
        (request, scope) => new Command.ReadMap(
            scope.Request, scope.Session, request.Name, request.Keys, PageSize.Of(request.PageSize),
            request.PageToken),
        response =>
        {
            var read = response as Response.MapRead ?? throw Unexpected(response);
            var result = new ReadMapResponse { TotalCount = (ulong)read.Count, NextPageToken = read.Next };
            foreach (var item in read.Items) result.Entries.Add(ProtoMapping.ToWire(item));
            return result;
        });

    public static readonly Operation<WriteMapRequest, WriteMapResponse> WriteMap = new(
        (request, scope) => new Command.WriteMap(
            scope.Request, scope.Session, request.Name, request.Changes.Select(ProtoMapping.FromWire).ToArray(),
            request.Clear),
        response =>
        {
            var written = response as Response.MapWritten ?? throw Unexpected(response);
            var result = new WriteMapResponse { Written = written.IsWritten, Version = written.Version };
            foreach (var item in written.Previous) result.Previous.Add(ProtoMapping.ToWire(item));
            return result;
        });

    public static readonly Operation<ReadListRequest, ReadListResponse> ReadList = new(
        (request, scope) => new Command.ReadList(
            scope.Request, scope.Session, request.Name, request.Start, PageSize.Of(request.Count)),
        response =>
        {
            var read = response as Response.ListRead ?? throw Unexpected(response);
            var result = new ReadListResponse { TotalCount = (ulong)read.Count };
            foreach (var item in read.Items) result.Items.Add(ProtoMapping.ToWire(item));
            return result;
        });

    public static readonly Operation<WriteListRequest, WriteListResponse> WriteList = new(
        (request, scope) => new Command.WriteList(scope.Request, scope.Session, request.Name)
        {
            Start = request.Start,
            RemoveCount = FieldCheck.Int(request.RemoveCount),
            Items = request.Items.Select(ProtoMapping.FromWire).ToArray(),
            Append = request.Append,
            Clear = request.Clear,
        },
        response =>
        {
            var written = response as Response.ListWritten ?? throw Unexpected(response);
            var result = new WriteListResponse { TotalCount = (ulong)written.Count };
            foreach (var item in written.Removed) result.Removed.Add(ProtoMapping.ToWire(item));
            return result;
        });
}
